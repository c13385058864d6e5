import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { prettyJson } from '../../src/cli/output/json.ts'
import { yamlOf } from '../../src/cli/output/yaml.ts'

const sign = fc.constantFrom(
  ...'abZ019-+_.:  #\'"\\\n\t!&*?|>%@`{}[],~=<é\u00a0😀\r\u0001'.split(''),
  '---',
  'null',
  'yes',
  '0x1',
  '1e5',
  '12:30',
  '2026-01-02',
  ' #',
  ': ',
)
const text = fc
  .array(sign, { maxLength: 60 })
  .map(it => it.join(''))
  .filter(it => !disputed.test(it))
/** Where the peer's emitter, whose bytes we print, and this reader have different specifications: `.`, `._9`, and `<<` as a key. */
const disputed = /^(<<|[-+]?\.[\d._]*)$/
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(it => (Object.is(it, -0) ? 0 : it)),
)
const { value } = fc.letrec<{ value: unknown }>(tie => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

/** What the printed text is read back as. The reader is not ours. */
const readYaml = (it: string): unknown => parse(`${it}\n`, { version: '1.1', schema: 'yaml-1.1' })

function turned(it: unknown): unknown {
  if (Array.isArray(it)) return it.map(turned)
  if (typeof it !== 'object' || it === null) return it
  return Object.fromEntries(
    Object.entries(it)
      .reverse()
      .map(([key, inner]) => [key, turned(inner)]),
  )
}

describe('what is printed for machines', () => {
  it('reads back from JSON as what it was', () => {
    fc.assert(
      fc.property(value, it => {
        expect(JSON.parse(prettyJson(it))).toEqual(it)
      }),
    )
  })

  it('reads back from YAML as what it was', () => {
    fc.assert(
      fc.property(value, it => {
        expect(readYaml(yamlOf(it))).toEqual(it)
      }),
    )
  })

  it('has one spelling, whatever the order of the keys', () => {
    fc.assert(
      fc.property(value, it => {
        expect(prettyJson(turned(it))).toBe(prettyJson(it))
        expect(readYaml(yamlOf(turned(it)))).toEqual(it)
      }),
    )
  })
})
