import { describe, expect, it } from 'vitest'
import { differences, Pairs } from './harness/compare.ts'
import type { RawAnswer } from './harness/http.ts'
import type { Step } from './harness/scenario.ts'

const at = Date.parse('2026-11-24T12:00:00Z')
const step: Step = { method: 'GET', path: 'x', except: ['product'] }

const answer = (body: string, more: Partial<RawAnswer> = {}): RawAnswer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  text: `${body}\n`,
  at,
  ...more,
})

/** Each pair is one request's two answers; what earlier pairs showed to stand for each other, later ones know. */
function compared(...pairs: readonly (readonly [RawAnswer, RawAnswer])[]): readonly string[] {
  const known = new Pairs()
  return pairs.flatMap(([one, other]) => differences(step, one, other, known))
}

const bodies = (one: string, other: string): readonly string[] => compared([answer(one), answer(other)])

describe('the comparison of two answers', () => {
  it.each([
    ['ids', '{"request_id":"5e358368-8510-e423-ffe7-9d2aa1c3f643"}', '{"request_id":"45fa175c-1ee9-ae9a-130f-3a65c7f554b1"}'],
    ['tokens of either form', '{"t":"s.lkZFNh4zq9dFAkOzckKyjLlE"}', '{"t":"hvs.CAESIJlWlKo0Q2Yp3xYf8v1uT2s9dGh4aWpu"}'],
    [
      'accessors',
      '{"accessor":"g1T54R2FA4keyG31l5xhaNnH","m":"auth_token_4b7eb96e"}',
      '{"accessor":"VabZD8IQHiudJIvOoO2v2Y8g","m":"auth_token_01c7703f"}',
    ],
    ['times that are close', '{"time":"2026-11-24T12:00:00.522327847Z"}', '{"time":"2026-11-24T12:00:01.1Z"}'],
    ['a countdown', '{"ttl":3600}', '{"ttl":3599}'],
    [
      'the order of random keys',
      '{"keys":["g1T54R2FA4keyG31l5xhaNnH","VabZD8IQHiudJIvOoO2v2Y8g"]}',
      '{"keys":["aaaaR2FA4keyG31l5xhaNnHx","bbbbbZD8IQHiudJIvOoO2v2Y"]}',
    ],
    ['the order of fields', '{"a":1,"b":2}', '{"b":2,"a":1}'],
    ['what is excepted', '{"product":"one"}', '{}'],
  ])('passes over %s', (_, one, other) => {
    expect(bodies(one, other)).toEqual([])
  })

  it.each([
    ['a missing field', '{"a":1,"b":2}', '{"a":1}', ['body.b: peer 2, ours nothing']],
    ['a field too many', '{"a":1}', '{"a":1,"b":2}', ['body.b: peer nothing, ours 2']],
    ['null for absent', '{"a":null}', '{}', ['body.a: peer null, ours nothing']],
    ['another type', '{"a":1}', '{"a":"1"}', ['body.a: peer 1, ours "1"']],
    ['another literal of the same number', '{"a":1.50}', '{"a":1.5}', ['body.a: peer 1.50, ours 1.5']],
    ['another escape of the same string', String.raw`{"a":"\u003cb"}`, '{"a":"<b"}', [String.raw`body.a: peer "\u003cb", ours "<b"`]],
    [
      'the order of a list',
      '{"keys":["a","b"]}',
      '{"keys":["b","a"]}',
      ['body.keys[0]: peer "a", ours "b"', 'body.keys[1]: peer "b", ours "a"'],
    ],
    ['a shorter list', '{"keys":["a","b"]}', '{"keys":["a"]}', ['body.keys: peer ["a","b"], ours ["a"]']],
    [
      'a token of another kind',
      '{"t":"s.lkZFNh4zq9dFAkOzckKyjLlE"}',
      '{"t":"hvb.lkZFNh4zq9dFAkOzckKyjLlE"}',
      ['body.t: peer "<service token>", ours "<batch token>"'],
    ],
    ['an id where there is none', '{"id":""}', '{"id":"5e358368-8510-e423-ffe7-9d2aa1c3f643"}', ['body.id: peer "", ours "<uuid>"']],
    ['another duration', '{"lease_duration":3600}', '{"lease_duration":7200}', ['body.lease_duration: peer 3600, ours 7200']],
    [
      'a time in another zone',
      '{"t":"2026-11-24T12:00:00.5Z"}',
      '{"t":"2026-11-24T13:00:00.5+01:00"}',
      [expect.stringContaining('with offset')],
    ],
    [
      'a time without its fraction',
      '{"t":"2026-11-24T12:00:00.5Z"}',
      '{"t":"2026-11-24T12:00:00Z"}',
      [expect.stringContaining('whole seconds')],
    ],
    ['a time that is far', '{"t":"2026-11-24T12:00:00.5Z"}', '{"t":"2026-11-24T12:01:00.5Z"}', [expect.stringContaining('60.5s')]],
    ['text that is no JSON', 'one', 'other', ['body: peer "one\\n", ours "other\\n"']],
    ['words of an error', '{"errors":["a b"]}', '{"errors":["a c"]}', ['body.errors[0]: peer "a b", ours "a c"']],
  ])('reports %s', (_, one, other, expected) => {
    expect(bodies(one, other)).toEqual(expected)
  })

  it('reports the status, the headers and a missing newline', () => {
    const ours = answer('', { status: 404, headers: { 'content-type': 'text/plain' }, text: '{}' })
    expect(compared([answer('{}'), ours])).toEqual([
      'status: peer 200, ours 404',
      'header content-type: peer application/json, ours text/plain',
      'newline at the end: peer present, ours absent',
    ])
  })

  it('knows a value again that an earlier answer gave', () => {
    const created = [answer('{"t":"s.lkZFNh4zq9dFAkOzckKyjLlE"}'), answer('{"t":"hvs.aaaaaaaaaaaaaaaaaaaaaaaa"}')] as const
    const same = [answer('{"id":"s.lkZFNh4zq9dFAkOzckKyjLlE"}'), answer('{"id":"hvs.aaaaaaaaaaaaaaaaaaaaaaaa"}')] as const
    const another = [answer('{"id":"s.lkZFNh4zq9dFAkOzckKyjLlE"}'), answer('{"id":"hvs.bbbbbbbbbbbbbbbbbbbbbbbb"}')] as const
    expect(compared(created, same)).toEqual([])
    expect(compared(created, another)).toEqual([
      'body.id: peer "<service token>", ours "<service token>", which stood for another value before',
    ])
  })
})
