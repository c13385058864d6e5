import { Buffer } from 'node:buffer'
import type { Capability } from '../../src/hcl/policy/index.ts'

/**
 * The rules of matching and priority once more, slow and as plain as they can be said, to hold the compiled ones against:
 * every rule is tried on every path, and texts are compared as bytes.
 */
export interface ReferenceRule {
  readonly path: string
  readonly capabilities: readonly Capability[]
}

interface Known {
  readonly kind: 'exact' | 'prefix' | 'segment'
  readonly key: string
  readonly capabilities: Set<Capability>
}

/** Rules with the same kind and key add up; deny swallows the rest. Rules come in the order of their policies. */
export function referenceRules(rules: readonly ReferenceRule[]): readonly Known[] {
  const known: Known[] = []
  for (const { path, capabilities } of rules) {
    const text = path.startsWith('/') ? path.slice(1) : path
    const segment = text === '+' || text.includes('/+') || text.startsWith('+/')
    const kind = segment ? 'segment' : text.endsWith('*') ? 'prefix' : 'exact'
    const key = kind === 'prefix' ? text.slice(0, -1) : text
    let rule = known.find(it => it.kind === kind && it.key === key)
    if (rule === undefined) known.push((rule = { kind, key, capabilities: new Set() }))
    if (rule.capabilities.has('deny')) continue
    if (capabilities.includes('deny')) {
      rule.capabilities.clear()
      rule.capabilities.add('deny')
    } else for (const it of capabilities) rule.capabilities.add(it)
  }
  return known
}

export function referenceFind(rules: readonly Known[], asked: string, asList: boolean): Known | undefined {
  const path = asked.replace(/^\/+/, '')
  const bare = path.replace(/\/$/, '')
  const exact = (text: string): Known | undefined => rules.find(it => it.kind === 'exact' && it.key === text)
  return (
    exact(path) ??
    (asList ? exact(bare) : undefined) ??
    bestWildcard(rules, path) ??
    (asList && bare !== path ? bestWildcard(rules, bare) : undefined)
  )
}

function bestWildcard(rules: readonly Known[], path: string): Known | undefined {
  const bytes = Buffer.from(path)
  const prefixes = rules.filter(it => it.kind === 'prefix' && bytes.subarray(0, Buffer.byteLength(it.key)).equals(Buffer.from(it.key)))
  prefixes.sort((a, b) => Buffer.byteLength(b.key) - Buffer.byteLength(a.key))
  const candidates = [...prefixes.slice(0, 1), ...rules.filter(it => it.kind === 'segment' && segmentFits(it.key, path))]
  candidates.sort((a, b) => (isBetter(a, b) ? -1 : 1))
  return candidates[0]
}

function segmentFits(key: string, path: string): boolean {
  const starred = key.endsWith('*')
  const wanted = (starred ? key.slice(0, -1) : key).split('/')
  const given = path.split('/')
  if (given.length < wanted.length || (!starred && given.length !== wanted.length)) return false
  for (const [i, part] of wanted.entries()) {
    const last = starred && i === wanted.length - 1
    if (part !== '+' && part !== given[i] && !(last && given[i]?.startsWith(part) === true)) return false
  }
  return true
}

function isBetter(a: Known, b: Known): boolean {
  const [x, y] = [traits(a), traits(b)]
  if (x.wildcard !== y.wildcard) return x.wildcard > y.wildcard
  if (x.starred !== y.starred) return !x.starred
  if (x.plus !== y.plus) return x.plus < y.plus
  if (x.text.length !== y.text.length) return x.text.length > y.text.length
  return Buffer.compare(x.text, y.text) > 0
}

function traits({ kind, key }: Known): { wildcard: number; starred: boolean; plus: number; text: Buffer } {
  const starred = kind === 'prefix' || key.endsWith('*')
  const text = Buffer.from(kind === 'segment' && starred ? key.slice(0, -1) : key)
  const plus =
    kind === 'prefix'
      ? 0
      : text
          .toString()
          .split('/')
          .filter(it => it === '+').length
  return { wildcard: kind === 'prefix' ? text.length : Buffer.from(key).indexOf('+'), starred, plus, text }
}
