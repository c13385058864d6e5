import { nearest, type Diagnostic, type Severity, type SourceFile, type SourceRange } from '../../../kernel/index.ts'
import { digestOfText, fileRange, type Digest, type LintSettings } from '../../model/index.ts'
import type { Fix, Problem, Rule } from '../rule.ts'
import { viewWorkspace, type WorkspaceInput } from '../view/index.ts'
import { suppressionWithoutReason, unknownRule, unusedSuppression } from './own-rules.ts'
import { suppressionsOf, type Suppression } from './suppressions.ts'

export type Level = Severity | 'off'

/** `code` is the rule's id. */
export interface LintFinding extends Diagnostic {
  readonly at: SourceRange
  /** The same for the same finding when lines move. */
  readonly fingerprint: Digest
  readonly fix?: Fix
}

export interface LintOptions {
  readonly settings?: LintSettings
}

export interface LintInput extends WorkspaceInput {
  /** What was found on the way here, in files that are no policies. */
  readonly loading?: readonly Diagnostic[]
}

/** Everything that the rules find, without what is suppressed; by file, place and rule. */
export function lint(input: LintInput, rules: readonly Rule[], { settings }: LintOptions = {}): readonly LintFinding[] {
  const view = viewWorkspace(input)
  const known = new Map(rules.map(it => [it.id, it]))
  const levelOf = (rule: Rule): Level =>
    rule.strict === true && input.readHcl2 === undefined ? 'off' : (settings?.rules.get(rule.id)?.level ?? rule.severity)
  const drafts: Draft[] = (input.loading ?? []).flatMap(asDraft)
  for (const rule of rules) {
    const level = levelOf(rule)
    if (level === 'off') continue
    const isSet = settings?.rules.has(rule.id) === true
    for (const problem of rule.check(view)) drafts.push({ id: rule.id, problem, severity: isSet ? level : (problem.severity ?? level) })
  }
  const own = (rule: Rule, problem: Problem): readonly Draft[] => {
    const level = levelOf(rule)
    return level === 'off' ? [] : [{ id: rule.id, problem, severity: level }]
  }
  const files: readonly SourceFile[] = [...view.policies.map(it => it.file), ...(input.files ?? [])]
  const suppressions = files.flatMap(suppressionsOf)
  const used = new Set<string>()
  const kept = suppressions.length === 0 ? drafts : drafts.filter(it => !isSuppressed(it, suppressions, used))
  const unknown = [...(settings?.rules ?? [])].flatMap(([id, { at }]) =>
    known.has(id) ? [] : own(unknownRule, { file: at.file, at, ...unknownWords(id, known.keys()) }),
  )
  const about = suppressions.flatMap(it => [...aboutSuppression(it, known, levelOf, used)].flatMap(([rule, problem]) => own(rule, problem)))
  return fingerprinted([...kept, ...unknown, ...about].sort(inOrder))
}

interface Draft {
  readonly id: string
  readonly problem: Problem
  readonly severity: Severity
}

function asDraft({ code, severity, summary, detail, at, related }: Diagnostic): readonly Draft[] {
  if (at === undefined) return []
  const more = { ...(detail === undefined ? {} : { hint: detail }), ...(related === undefined ? {} : { related }) }
  return [{ id: code, severity, problem: { file: at.file, at, message: summary, ...more } }]
}

const usedKey = (it: Suppression, rule: string): string => `${it.file}:${it.at.start.offset}:${rule}`

function isSuppressed({ id, problem }: Draft, suppressions: readonly Suppression[], used: Set<string>): boolean {
  const line = problem.at?.start.line
  const found = suppressions.filter(
    it => it.file === problem.file && it.rules.includes(id) && (line === undefined ? it.coversFile : line >= it.from && line <= it.to),
  )
  for (const it of found) used.add(usedKey(it, id))
  return found.length > 0
}

function* aboutSuppression(
  it: Suppression,
  known: ReadonlyMap<string, Rule>,
  levelOf: (rule: Rule) => Level,
  used: ReadonlySet<string>,
): Generator<readonly [Rule, Problem]> {
  const { file, at } = it
  if (it.rules.length === 0) {
    yield [unknownRule, { file, at, message: 'this suppression names no rule', hint: 'write # lockstep:ignore rule-id: reason' }]
    return
  }
  if (it.reason === '') {
    const message = `the suppression of ${it.rules.join(', ')} has no reason`
    yield [suppressionWithoutReason, { file, at, message, hint: `write # lockstep:ignore ${it.rules.join(', ')}: why it is right here` }]
  }
  for (const id of it.rules) {
    const rule = known.get(id)
    if (rule === undefined) yield [unknownRule, { file, at, ...unknownWords(id, known.keys()) }]
    else if (levelOf(rule) !== 'off' && !used.has(usedKey(it, id)))
      yield [unusedSuppression, { file, at, message: `${id} finds nothing here`, hint: 'remove the comment' }]
  }
}

function unknownWords(id: string, known: Iterable<string>): Pick<Problem, 'message' | 'hint'> {
  const near = nearest(id, known)
  return { message: `there is no rule ${id}`, ...(near === undefined ? {} : { hint: `did you mean ${near}?` }) }
}

function inOrder(a: Draft, b: Draft): number {
  return (
    compare(a.problem.file, b.problem.file) ||
    (a.problem.at?.start.offset ?? 0) - (b.problem.at?.start.offset ?? 0) ||
    compare(a.id, b.id) ||
    compare(a.problem.message, b.problem.message)
  )
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Of rule, file and words, which name paths and never lines; the second of two that are alike is told by its number. */
function fingerprinted(drafts: readonly Draft[]): readonly LintFinding[] {
  const seen = new Map<string, number>()
  return drafts.map(({ id, problem, severity }) => {
    const key = JSON.stringify([id, problem.file, problem.message])
    const count = seen.get(key) ?? 0
    seen.set(key, count + 1)
    return {
      code: id,
      severity,
      summary: problem.message,
      ...(problem.hint === undefined ? {} : { detail: problem.hint }),
      at: problem.at ?? fileRange(problem.file),
      ...(problem.related === undefined ? {} : { related: problem.related }),
      fingerprint: digestOfText(count === 0 ? key : `${key}#${count}`),
      ...(problem.fix === undefined ? {} : { fix: problem.fix }),
    }
  })
}
