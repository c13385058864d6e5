import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/kernel/index.ts'
import { codec, f, type Field } from '../../src/schema/index.ts'

/** Decodes one value and gives either the value or what was refused. */
function read(field: Field<unknown>, raw: unknown): unknown {
  const refused: string[] = []
  const out = codec({ x: field }).decode({ x: raw }, why => void refused.push(why)) as { x?: unknown } | undefined
  return refused.length > 0 ? { refused } : out?.x
}
const refuses = (why: string): unknown => ({ refused: [why] })

describe('a field decodes as leniently as the API, and refuses in its words', () => {
  const whole = "'' cannot parse value as 'int': strconv.ParseInt: invalid syntax"
  const cases: readonly [name: string, field: Field<unknown>, raw: unknown, expected: unknown][] = [
    ['int of a number', f.int('n'), 3, 3],
    ['int of text', f.int('n'), '3', 3],
    ['int of nothing', f.int('n'), '', 0],
    ['int of true', f.int('n'), true, 1],
    ['int of a word', f.int('n'), 'a', refuses(whole)],
    ['int of a fraction', f.int('n'), 1.5, refuses(whole)],
    ['int of an object', f.int('n'), {}, refuses("'' expected type 'int', got unconvertible type 'map[string]interface {}'")],
    ['int of a list', f.int('n'), [1], refuses("'' expected type 'int', got unconvertible type '[]interface {}'")],
    ['int of a kept literal', f.int('n'), (parseJson('{"x":2.0}') as { x: unknown }).x, refuses(whole)],
    ['int of another base', f.int('n'), '-0x_1F', -31],
    ['int of grouped digits', f.int('n'), '1_000', 1000],
    ['int of 64 bits and more', f.int('n'), '9223372036854775808', refuses(whole.replace('invalid syntax', 'value out of range'))],
    [
      'int of a number of 20 digits',
      f.int('n'),
      (parseJson('{"x":99999999999999999999}') as { x: unknown }).x,
      refuses(whole.replace('invalid syntax', 'value out of range')),
    ],
    ['bool of text', f.bool('b'), 'true', true],
    ['bool of nothing', f.bool('b'), '', false],
    ['bool of two', f.bool('b'), 2, refuses("'' cannot parse value as 'bool': strconv.ParseBool: invalid syntax")],
    ['bool of an object', f.bool('b'), {}, refuses("'' expected type 'bool', got unconvertible type 'map[string]interface {}'")],
    ['string of a number', f.string('s'), 15, '15'],
    ['string of a kept literal', f.string('s'), (parseJson('{"x":1.50}') as { x: unknown }).x, '1.50'],
    ['string of true', f.string('s'), true, '1'],
    ['string of a list', f.string('s'), [], refuses("'' expected type 'string', got unconvertible type '[]interface {}'")],
    ['duration of seconds', f.duration('d'), 60, 60],
    ['duration of text', f.duration('d'), '1h30m', 5400],
    ['duration of half an hour', f.duration('d'), '1.5h', 5400],
    ['duration of days', f.duration('d'), '2d', 172_800],
    ['duration of nothing', f.duration('d'), '', 0],
    ['duration of a fraction', f.duration('d'), 1.9, refuses('time: missing unit in duration "1.9"')],
    ['duration of weeks', f.duration('d'), '1w', refuses('time: unknown unit "w" in duration "1w"')],
    ['duration of a word', f.duration('d'), 'zz', refuses('time: invalid duration "zz"')],
    ['duration in blanks', f.duration('d'), ' 5s ', refuses('time: invalid duration " 5s "')],
    ['duration of 64 bits', f.duration('d'), '9223372036', 9_223_372_036],
    [
      'duration beyond 64 bits',
      f.duration('d'),
      9_223_372_037,
      refuses('multiplication of durations resulted in overflow, one operand may be too large'),
    ],
    ['duration of too many hours', f.duration('d'), '99999999h', refuses('time: invalid duration "99999999h"')],
    [
      'duration of an exponent',
      f.duration('d'),
      (parseJson('{"x":1e3}') as { x: unknown }).x,
      refuses('time: unknown unit "e" in duration "1e3"'),
    ],
    ['duration below zero', f.duration('d'), '-5s', refuses("cannot provide negative value '-5'")],
    ['duration of true', f.duration('d'), true, refuses('could not parse duration from input')],
    ['strings of text', f.strings('l'), ' a , b,,A', ['a', 'b', 'A']],
    ['strings of a mixed list', f.strings('l'), [1, true, null], ['1', '1', '']],
    ['strings of an empty object', f.strings('l'), {}, []],
    ['ints of text', f.ints('l'), '1,0x2,,010', [1, 2, 8]],
    ['ints of text with blanks', f.ints('l'), '1, 2', refuses(`decoding failed due to the following error(s):\n\n'[1]' ${whole.slice(3)}`)],
    [
      'ints of a list that is wrong twice',
      f.ints('l'),
      ['x', {}, 1],
      refuses(
        `decoding failed due to the following error(s):\n\n'[0]' ${whole.slice(3)}\n'[1]' expected type 'int', got unconvertible type 'map[string]interface {}'`,
      ),
    ],
    ['ints of null', f.ints('l'), [null, ''], [0, 0]],
    [
      'pairs of an object',
      f.pairs('p'),
      { a: 'b', c: 1 },
      new Map([
        ['a', 'b'],
        ['c', '1'],
      ]),
    ],
    [
      'pairs of a list',
      f.pairs('p'),
      ['a=b', 'c=d=e'],
      new Map([
        ['a', 'b'],
        ['c', 'd=e'],
      ]),
    ],
    ['pairs of a number', f.pairs('p'), 1, refuses('invalid key pair at index 0 in field')],
    ['map of a list of maps', f.map('m'), [{ a: 1 }, null, { a: 2, b: 3 }], { a: 2, b: 3 }],
    [
      'map of a list',
      f.map('m'),
      [{ a: 1 }, 5],
      refuses("'[1]' expected type 'map[string]interface {}', got unconvertible type 'json.Number'"),
    ],
    ['map of a number', f.map('m'), 1, refuses("'' expected type 'map[string]interface {}', got unconvertible type 'json.Number'")],
  ]
  for (const [name, field, raw, expected] of cases) it(`reads ${name}`, () => expect(read(field, raw)).toEqual(expected))

  it('takes null as the zero of its kind, and where it has none as absent', () => {
    const fields = { s: f.string('s'), i: f.int('i').default(3), b: f.bool('b'), l: f.strings('l'), m: f.map('m'), d: f.duration('d') }
    const out = codec(fields).decode({ s: null, i: null, b: null, l: null, m: null, d: null }, () => undefined)
    expect(out).toEqual({ s: '', i: 0, b: false, l: [], m: {} })
  })

  it('never echoes a value', () => {
    const marker = 'pl4nted-marker'
    for (const field of [f.int('n'), f.bool('b'), f.strings('l'), f.map('m'), f.string('s')])
      for (const raw of [{ [marker]: marker }, [{ x: marker }], marker, [marker]])
        expect(JSON.stringify(read(field, raw) ?? null).includes('refused') && JSON.stringify(read(field, raw)).includes(marker)).toBe(
          false,
        )
  })
})
