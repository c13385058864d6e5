import { Buffer } from 'node:buffer'
import { compareUtf8 } from '../../kernel/index.ts'
import { holdsRawBytes } from '../byte-text.ts'
import { DENY, SUDO } from '../capability.ts'
import { type MergedRule, ruleText } from '../rule.ts'
import type { AccessChange, AnsweringRule, ChangeKind } from './access-change.ts'
import { type Cell, differingCells } from './cells.ts'
import { escalationOf } from './escalation.ts'
import { type Grant, type Granted, grantedOrder, type Grants, grantsOf, includesGrant, limitTexts } from './grant.ts'
import { joinRegions } from './join-regions.ts'
import { patternText } from './pattern.ts'
import { anyInBytes, type Question } from './question.ts'
import { freshLetter, type Region } from './region.ts'
import { shownText } from './symbolic.ts'

/** What changes between two sets of merged rules. */
export function changesOf(before: readonly MergedRule[], after: readonly MergedRule[]): readonly AccessChange[] {
  const grants = { plain: grantsCache('plain'), listing: grantsCache('listing') }
  const differ = (a: MergedRule | undefined, b: MergedRule | undefined, question: Question): boolean =>
    grantedOrder.some(it => grants[question](a)[it]?.key !== grants[question](b)[it]?.key)
  const fresh = freshLetter([...before, ...after].map(it => it.key))
  const found = new Map<string, Found[]>()
  for (const question of ['plain', 'listing'] as const) {
    for (const cell of differingCells({ before, after, fresh, differ }, question)) {
      for (const it of changesIn(cell, grants[question])) {
        const key = JSON.stringify([question, it.capability, it.change, it.limitsBefore, it.limitsAfter])
        const known = found.get(key)
        if (known === undefined) found.set(key, [it])
        else known.push(it)
      }
    }
  }
  const joined = [...found.values()].flatMap(group => joinRegions(group, addRules))
  const show = anyInBytes(before) || anyInBytes(after) ? shownBytes : shownText
  return together(joined, show)
}

/** One capability in one cell. */
interface Found extends Region, Pick<AccessChange, 'change' | 'witness' | 'limitsBefore' | 'limitsAfter'> {
  readonly capability: Granted
  readonly question: Question
  readonly rulesBefore: Set<MergedRule>
  readonly rulesAfter: Set<MergedRule>
}

function grantsCache(question: Question): (rule: MergedRule | undefined) => Grants {
  const known = new Map<MergedRule | undefined, Grants>()
  return rule => {
    let grants = known.get(rule)
    if (grants === undefined) known.set(rule, (grants = grantsOf(rule, question)))
    return grants
  }
}

function changesIn(cell: Cell, grants: (rule: MergedRule | undefined) => Grants): readonly Found[] {
  const [old, fresh] = [grants(cell.before), grants(cell.after)]
  return grantedOrder.flatMap(capability => {
    const change = kindOf(old[capability], fresh[capability])
    if (change === undefined) return []
    return [
      {
        pattern: cell.pattern,
        except: cell.except,
        witness: cell.witness,
        capability,
        question: cell.question,
        change,
        limitsBefore: limitsOf(old[capability]),
        limitsAfter: limitsOf(fresh[capability]),
        rulesBefore: setOf(cell.before),
        rulesAfter: setOf(cell.after),
      },
    ]
  })
}

const setOf = (rule: MergedRule | undefined): Set<MergedRule> => new Set(rule === undefined ? [] : [rule])

function kindOf(before: Grant | undefined, after: Grant | undefined): ChangeKind | undefined {
  if (before === undefined) return after === undefined ? undefined : 'gained'
  if (after === undefined) return 'lost'
  if (before.key === after.key) return undefined
  if (includesGrant(after, before)) return 'widened'
  return includesGrant(before, after) ? 'narrowed' : 'limited otherwise'
}

const limitsOf = (grant: Grant | undefined): readonly string[] => (grant === undefined ? [] : limitTexts(grant))

function addRules(wide: Found, narrow: Found): void {
  for (const it of narrow.rulesBefore) wide.rulesBefore.add(it)
  for (const it of narrow.rulesAfter) wide.rulesAfter.add(it)
}

interface Group {
  readonly region: Region
  readonly change: Omit<AccessChange, 'capabilities' | 'lists' | 'escalates'>
  readonly capabilities: ReadonlyMap<Question, Set<Granted>>
  /** Some rule that answers from now on gives sudo. */
  readonly sudo: boolean
}

/** Capabilities that change alike on the same paths are said together. */
function together(found: readonly Found[], show: (text: string) => string): readonly AccessChange[] {
  const groups = new Map<string, Group>()
  for (const it of found) {
    const { change, witness, limitsBefore, limitsAfter, capability, question } = it
    const [path, except] = [patternText(it.pattern), it.except.map(patternText).sort(compareUtf8)]
    const [answeredBefore, answeredAfter] = [answering(it.rulesBefore), answering(it.rulesAfter)]
    const said = { change, path: show(path), except: except.map(show), limitsBefore, limitsAfter, answeredBefore, answeredAfter }
    const key = JSON.stringify([said, path, except])
    let group = groups.get(key)
    if (group === undefined) {
      group = {
        region: it,
        change: { ...said, witness: show(witness) },
        capabilities: new Map([
          ['plain', new Set()],
          ['listing', new Set()],
        ]),
        sudo: [...it.rulesAfter].some(rule => (rule.capabilities & SUDO) !== 0),
      }
      groups.set(key, group)
    }
    group.capabilities.get(question)?.add(capability)
  }
  return [...groups.values()]
    .flatMap(whole)
    .sort((a, b) => compareUtf8(a.path, b.path) || compareUtf8(a.change, b.change) || compareUtf8(a.except.join(), b.except.join()))
}

/** `sudo` is said of lists and of everything else apart, unless it is the same for both. */
function whole({ region, change, capabilities, sudo }: Group): readonly AccessChange[] {
  const [plain, lists] = [capabilities.get('plain') ?? new Set<Granted>(), capabilities.get('listing') ?? new Set<Granted>()]
  const said = (names: ReadonlySet<Granted>): AccessChange => {
    const one = { ...change, capabilities: grantedOrder.filter(it => names.has(it)) }
    const escalates = escalationOf(one, region, sudo)
    return escalates === undefined ? one : { ...one, escalates }
  }
  if (plain.size > 0 && plain.has('sudo') === lists.has('sudo')) return [said(plain.union(lists))]
  return [...(plain.size === 0 ? [] : [said(plain)]), ...(lists.size === 0 ? [] : [{ ...said(lists), lists: true as const }])]
}

function answering(rules: ReadonlySet<MergedRule>): readonly AnsweringRule[] {
  return [...rules]
    .map(rule => ({
      path: shownText(ruleText(rule)),
      policies: rule.sources.length === 0 ? ['root'] : [...new Set(rule.sources.map(it => it.policy.name))],
      denies: rule.capabilities === DENY,
    }))
    .sort((a, b) => compareUtf8(a.path, b.path))
}

/** Patterns were taken apart byte by byte. */
const shownBytes = (text: string): string => shownText(holdsRawBytes(text) ? text : Buffer.from(text, 'latin1').toString())
