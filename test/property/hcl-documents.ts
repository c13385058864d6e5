import * as fc from 'fast-check'

/**
 * Random texts of the policy language, from well-formed policies to broken bytes: for laws here, and to compare with the real
 * server and its formatter. Layout and comments are random too, because both the formatter and the server's messages depend
 * on them.
 */

const pick = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts)
const joined = (...parts: readonly (fc.Arbitrary<string> | string)[]): fc.Arbitrary<string> =>
  fc.tuple(...parts.map(it => (typeof it === 'string' ? fc.constant(it) : it))).map(texts => texts.join(''))
const repeated = (one: fc.Arbitrary<string>, maxLength: number, between = ''): fc.Arbitrary<string> =>
  fc.array(one, { maxLength }).map(texts => texts.join(between))

const comment: fc.Arbitrary<string> = pick(
  '# c\n',
  '// d\n',
  '/* e */',
  '/* f\n   g */',
  '#\n',
  '# é☃ \n',
  '/* x */ # y\n',
  '# one\n# two\n',
  '\n# lone\n\n',
)
const blank: fc.Arbitrary<string> = pick(' ', ' ', ' ', '\n', '\n', '  ', '\t', '\r\n', '\n\n', '')
/** What may stand between two tokens. */
const gap: fc.Arbitrary<string> = fc.oneof(
  { weight: 9, arbitrary: blank },
  { weight: 1, arbitrary: fc.array(fc.oneof(blank, comment), { maxLength: 3 }).map(it => it.join('')) },
)
const lineEnd: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('\n') },
  { weight: 1, arbitrary: pick('\n\n', ' # t\n', '\n# l\n', '\n\n# s\n\n', ',\n', ' ') },
)

const word: fc.Arbitrary<string> = pick('a', 'bb', 'ccc', 'path', 'name', 'comment', 'true', 'é', 't-x', 'u.v', '"d d"', '"é"')
const string: fc.Arbitrary<string> = pick(
  '"read"',
  '"a"',
  '""',
  '"\\u0061"',
  '"\\x41"',
  '"é"',
  '"${a}"',
  '"${"x"}"',
  '"${\n}"',
  '"\\n"',
  '"{{x}}"',
  '"x\\"y"',
)
const number: fc.Arbitrary<string> = pick('1', '0', '10', '0x1F', '010', '08', '1.5', '.5', '5.', '1e3', '-3', '1e', '99999999999999999999')
const heredoc: fc.Arbitrary<string> = pick(
  '<<E\nhello\nE\n',
  '<<-E\n  x\n   y\n  E\n',
  '<<E\nE\n',
  '<<E\r\na\r\nE\r\n',
  '<<-X\n x\nX\n X\n',
)
const literal: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: string },
  { weight: 2, arbitrary: number },
  pick('true', 'false'),
  heredoc,
)

interface Tree {
  value: string
  list: string
  body: string
  item: string
}
const grammar: fc.LetrecValue<Tree> = fc.letrec<Tree>((tie: fc.LetrecTypedTie<Tree>) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'hcl' },
    { weight: 6, arbitrary: literal },
    { weight: 2, arbitrary: tie('list') },
    { weight: 1, arbitrary: tie('body') },
  ),
  list: joined('[', gap, repeated(joined(tie('value'), gap, pick(',', ',', ',', '', ',,'), gap), 3), ']'),
  body: joined('{', gap, repeated(joined(tie('item'), lineEnd), 4), '}'),
  item: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'hcl' },
    { weight: 3, arbitrary: joined(word, gap, '=', gap, tie('value')) },
    { weight: 1, arbitrary: joined(word, repeated(joined(' ', word), 2), gap, tie('body')) },
  ),
}))

/** HCL of any meaning, comments in any place; most of it well-formed. */
export const hclText: fc.Arbitrary<string> = joined(gap, repeated(joined(grammar.item, lineEnd), 4))

const words = (...texts: readonly string[]): fc.Arbitrary<string> =>
  fc.array(pick(...texts), { maxLength: 3 }).map(it => `[${it.map(text => `"${text}"`).join(', ')}]`)
const duration: fc.Arbitrary<string> = pick(
  '1',
  '"1h"',
  '3600',
  '"2d"',
  '"1d2h"',
  '1.5',
  '"x"',
  '""',
  '"-1s"',
  '"1h1"',
  '010',
  '"99999999999d"',
  '"1µs"',
)
const parameters: fc.Arbitrary<string> = pick(
  '{ "a" = ["x", 1, true] }',
  '{ A = [] a = ["q"] }',
  '{}',
  '{ "*" = [] }',
  '{ a = [{}, [1], {b=1}] }',
  '{ a = "x" }',
  '{ a = [1] a = [2.5] }',
)

const identity: fc.Arbitrary<string> = joined(
  'identity { group_names = ',
  words('ops'),
  ' approvals = ',
  pick('1', '"2"', '0', '1.5'),
  ' }',
)
const factor: fc.Arbitrary<string> = joined(
  'factor ',
  pick('"f" ', 'f ', ''),
  '{ controlled_capabilities = ',
  words('read', 'list', 'sudo'),
  '\n',
  identity,
  ' }\n',
)
const controlGroup: fc.Arbitrary<string> = joined(
  '{ ',
  pick('', 'ttl = "1h" ', 'ttl = "x" ', 'self_auth_allowed = true '),
  repeated(factor, 2),
  '}',
)

const ruleField: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: joined('capabilities = ', words('create', 'read', 'update', 'list', 'sudo', 'deny', 'write', 'Read')) },
  joined('policy = ', pick('"read"', '"write"', '"deny"', '"x"', '1')),
  joined(pick('allowed_parameters', 'denied_parameters'), pick(' = ', ' '), parameters),
  joined(pick('required_parameters', 'mfa_methods'), ' = ', words('a', 'B')),
  joined(pick('min_wrapping_ttl', 'max_wrapping_ttl'), ' = ', duration),
  joined('pagination_limit = ', pick('1', '"10"', '010', '1.5', '"x"', '08', '-1')),
  joined('expiration = ', pick('"2030-01-01T00:00:00Z"', '"2020-01-01T00:00:00Z"', '4070908800', '"x"', '""', '"2030-02-30T00:00:00Z"')),
  joined('control_group', pick(' ', ' = '), controlGroup),
  joined('comment = ', grammar.value),
  joined(pick('capabilties', 'Capabilities', '"capabilities"', 'foo'), ' = ', grammar.value),
)
const label: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: pick('"secret/a"', '"secret/*"', '"+/x"', '"/b"') },
  pick('"a+*"', '"x{{y}}"', '"{{"', '"}}"', '"\\xff"', 'a', '"a" "b"', '', '"x{{err}}y"', '"\\t\\u00e9"'),
)
const rule: fc.Arbitrary<string> = joined('path ', label, ' {', lineEnd, repeated(joined('  ', ruleField, lineEnd), 4), '}', lineEnd)

/** Policies, many of them valid, the others wrong in what they say. */
export const policyText: fc.Arbitrary<string> = joined(
  repeated(joined(fc.option(comment, { nil: '' }), rule), 3),
  pick('', '', '', 'name = "X"\n', 'name ='),
)

const jsonString: fc.Arbitrary<string> = pick(
  '"path"',
  '"a"',
  '"capabilities"',
  '"read"',
  '"allowed_parameters"',
  '"\\u0061"',
  '"é"',
  '"${"',
  '""',
  '"factor"',
)
const json: fc.LetrecValue<{ value: string; object: string }> = fc.letrec<{ value: string; object: string }>(tie => ({
  value: fc.oneof(
    { maxDepth: 5, depthIdentifier: 'json' },
    { weight: 3, arbitrary: jsonString },
    pick('1', '0', '1.5', '-3', '01', '1e5', 'true', 'false', 'null', '.5'),
    fc.array(tie('value'), { maxLength: 3 }).map(it => `[${it.join(', ')}]`),
    { weight: 3, arbitrary: tie('object') },
  ),
  object: fc.array(joined(jsonString, pick(': ', ':', ' : '), tie('value')), { maxLength: 3 }).map(it => `{${it.join(', ')}}`),
}))

/** The JSON form, valid and not. */
export const jsonText: fc.Arbitrary<string> = fc.oneof(json.object, joined('{"path": {"a": ', json.object, '}}'))

const splinter: fc.Arbitrary<string> = pick(
  ...'{ } [ ] = , " \\ << # / /* */ $ ${ . - + x 0 e @ \' : ; ☃ 😀 é true null \0 \n \r \ue123 \ufeff \u00a0'.split(' '),
  ' ',
)

/** A text with a few characters put in, taken out or doubled, or cut short. */
export const broken = (text: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.tuple(text, fc.array(fc.tuple(fc.nat(), fc.nat(3), splinter), { minLength: 1, maxLength: 3 })).map(([whole, cuts]) =>
    cuts.reduce((it, [place, how, piece]) => {
      const at = it.length === 0 ? 0 : place % it.length
      if (how === 0) return it.slice(0, at) + it.slice(at + 1)
      if (how === 1) return it.slice(0, at) + piece + it.slice(at)
      return how === 2 ? it.slice(0, at) : it.slice(0, at) + it.slice(at, at + 9) + it.slice(at)
    }, whole),
  )

/** Everything of the above. */
export const anyText: fc.Arbitrary<string> = fc.oneof(policyText, hclText, jsonText, broken(policyText), broken(hclText), broken(jsonText))
