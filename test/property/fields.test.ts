import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nativeNumber, parseJson } from '../../src/kernel/index.ts'
import { f, validator, type Field } from '../../src/schema/index.ts'

/** What ajv sees: it knows no kept literals. */
function native(value: unknown): unknown {
  const plain = nativeNumber(value)
  if (Array.isArray(plain)) return plain.map(native)
  if (typeof plain !== 'object' || plain === null) return plain
  return Object.fromEntries(Object.entries(plain).map(([key, it]) => [key, native(it)]))
}

const TEXTS = '| |1|010|08|0x1F|1_0|1h|-5s|2d|.5s|1h30m|5 s|true|T|a,b|a=b|=b|a|-a|a.b|2026-01-02T03:04:05Z'.split('|')
const scalar = fc.oneof(
  fc.constantFrom<unknown>(
    ...TEXTS,
    ...(parseJson(
      '[0, 1, -1, 5, 1.5, 1e21, true, false, 1.50, 2.0, 1e3, -0, 9007199254740993, 99999999999999999999]',
    ) as readonly unknown[]),
  ),
  fc.string({ maxLength: 6 }),
)
const anything = fc.oneof(
  { weight: 4, arbitrary: scalar },
  { weight: 1, arbitrary: fc.array(fc.oneof(scalar, fc.constant(null)), { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 3 }), fc.oneof(scalar, fc.constant(null)), { maxKeys: 3 }) },
  { weight: 1, arbitrary: fc.array(fc.dictionary(fc.string({ maxLength: 3 }), scalar, { maxKeys: 2 }), { maxLength: 2 }) },
)

const fields: readonly (readonly [string, Field<unknown>])[] = [
  ['string', f.string('A text.')],
  ['string of a few', f.string('A text.', { oneOf: ['a', 'b'] })],
  ['name', f.name('A name.')],
  ['int', f.int('A number.')],
  ['int in bounds', f.int('A number.', { min: 1, max: 9 })],
  ['bool', f.bool('Whether.')],
  ['duration', f.duration('A span.')],
  ['signedDuration', f.signedDuration('A span.')],
  ['time', f.time('A time.')],
  ['strings', f.strings('Texts.')],
  ['ints', f.ints('Numbers.')],
  ['pairs', f.pairs('Pairs.')],
  ['map', f.map('A map.')],
  ['object', f.object('An object.', { a: f.int('A number.'), b: f.string('A text.').required() })],
  ['list', f.list('Numbers.', f.int('A number.'))],
  ['json', f.json('Anything.')],
]

describe('a field', () => {
  it.each(fields)('decodes nothing that its accepted schema refuses: %s', (_name, field) => {
    const accepts = validator({ it: field }, 'accepts')
    fc.assert(
      fc.property(anything, raw => {
        const decoded = field.decode(raw, () => undefined)
        expect(decoded === undefined || accepts({ it: native(raw) }), `${JSON.stringify(raw)} became ${JSON.stringify(decoded)}`).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  it.each(fields)('says why when it refuses: %s', (_name, field) => {
    fc.assert(
      fc.property(anything, raw => {
        const whys: string[] = []
        const decoded = field.decode(raw, why => void whys.push(why))
        expect(decoded === undefined).toBe(whys.length > 0)
      }),
      { numRuns: 500 },
    )
  })

  it.each(fields)('reads again what it has written: %s', (_name, field) => {
    fc.assert(
      fc.property(anything, raw => {
        const decoded = field.decode(raw, () => undefined)
        if (decoded !== undefined) expect(field.decode(field.encode(decoded), () => undefined)).toEqual(decoded)
      }),
      { numRuns: 500 },
    )
  })
})
