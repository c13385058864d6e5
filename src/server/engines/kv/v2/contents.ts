/** The contents of a version as JSON: rounded, merged, masked. */
import { nativeNumber, parseJson } from '../../../../kernel/index.ts'
import { isObject, type WireObject } from '../../../../schema/index.ts'
import { faults } from '../../../logical/index.ts'

const BENDABLE = /\d[.eE]|\d{16}|-0/
const MINUS_ZERO = (parseJson('[-0]') as readonly unknown[])[0]

/**
 * The text that is stored. Numbers are 64-bit floats here, as in the peer: `1.50` becomes 1.5, `9007199254740993` one
 * less, and only a minus zero, which JSON.stringify would drop, stays a literal.
 */
export function textOfContents(contents: WireObject | null): string {
  const text = JSON.stringify(contents)
  return BENDABLE.test(text) ? JSON.stringify(contents, rounded) : text
}

function rounded(_key: string, value: unknown): unknown {
  const number = nativeNumber(value)
  if (typeof number !== 'number') return value
  if (!Number.isFinite(number)) throw faults.refused({ why: 'data holds a number that is too large for 64 bits' })
  return Object.is(number, -0) ? MINUS_ZERO : number
}

export const parseContents = (text: string): WireObject | null => parseJson(text) as WireObject | null

/**
 * RFC 7396, with the peer's way of cleaning what a patch brings: nulls go from its objects, and from objects that lie
 * directly in a list, but not from a list in a list.
 */
export function mergePatch(target: WireObject, patch: WireObject): WireObject {
  const merged = new Map(Object.entries(target))
  for (const [name, value] of Object.entries(patch)) {
    const old = merged.get(name)
    if (value === null) merged.delete(name)
    else merged.set(name, isObject(old) && isObject(value) ? mergePatch(old, value) : withoutNulls(value))
  }
  return Object.fromEntries(merged)
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(it => (isObject(it) ? withoutNulls(it) : it))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, it]) => it !== null)
      .map(([name, it]) => [name, withoutNulls(it)]),
  )
}

/** The names alone: everything but an object with members becomes null, and objects do from `depth` on (0: never). */
export function masked(contents: WireObject, depth: number, level = 1): WireObject {
  const open = depth === 0 || level < depth
  return Object.fromEntries(
    Object.entries(contents).map(([name, value]) => [
      name,
      open && isObject(value) && Object.keys(value).length > 0 ? masked(value, depth, level + 1) : null,
    ]),
  )
}
