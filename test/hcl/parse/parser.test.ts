import { describe, expect, it } from 'vitest'
import {
  MAX_DEPTH,
  parseHcl,
  parseText,
  rangeOf,
  stringValue,
  tokenText,
  type CommentGroup,
  type HclTree,
  type Item,
  type Value,
} from '../../../src/hcl/parse/index.ts'

function parsed(text: string): HclTree {
  const result = parseText({ name: 'p.hcl', text })
  if (!result.ok) throw new Error(result.refusals[0]?.peer)
  return result.value
}

const refused = (text: string): string => {
  const result = parseText({ name: 'p.hcl', text })
  return result.ok ? 'accepted' : (result.refusals[0]?.peer ?? '')
}

/** A tree in one line: keys, `=`, values. */
function shape(tree: HclTree, items: readonly Item[] = tree.items): string {
  const value = (it: Value): string =>
    it.kind === 'literal'
      ? tokenText(tree, it.token)
      : it.kind === 'list'
        ? `[${it.elements.map(value).join(' ')}]`
        : `{${shape(tree, it.items)}}`
  return items
    .map(it => `${it.keys.map(key => tokenText(tree, key)).join(' ')}${it.assign === -1 ? '' : ' ='} ${value(it.value)}`)
    .join('; ')
}

const words = (tree: HclTree, group: CommentGroup | undefined): string | undefined =>
  group === undefined
    ? undefined
    : Array.from({ length: group.last - group.first + 1 }, (_, i) => tokenText(tree, group.first + i)).join('|')

describe('parseHcl', () => {
  it.each([
    ['path "a" { b = 1 }', 'path "a" {b = 1}'],
    ['a = [1, [2], {b = 3}]', 'a = [1 [2] {b = 3}]'],
    ['a = [, 1,, 2 ,]', 'a = [1 2]'],
    ['a = [[1] 2]', 'a = [[1] 2]'],
    ['a = 1 b = 2, c {}', 'a = 1; b = 2; c {}'],
    ['a\n=\n1', 'a = 1'],
    ['path "a"\n{\n}', 'path "a" {}'],
    ['path "a" "b" {}', 'path "a" "b" {}'],
    ['a { b = 1, c = 2, }', 'a {b = 1; c = 2}'],
    ['', ''],
  ])('reads %j', (text, expected) => {
    expect(shape(parsed(text))).toBe(expected)
  })

  it('drops a key without value at the end and says which', () => {
    const tree = parsed('a = 1\nb =')
    expect(shape(tree)).toBe('a = 1')
    expect(tokenText(tree, tree.unfinished ?? -1)).toBe('b')
  })

  it('gives the last problem of the characters before one of the grammar', () => {
    expect(refused('a = [1 2]\nb = "\\d')).toBe('At 1:8: error parsing list, expected comma or list end, got: NUMBER')
    expect(refused('b = "\\d"\na = [1 2]')).toBe('At 1:7: illegal char escape')
    expect(refused('a = "\\d"\nb = "\\e"')).toBe('At 2:7: illegal char escape')
  })

  it('reports every problem of the characters', () => {
    const result = parseHcl({ name: 'p.hcl', text: 'a = "\\d"\nb = "\\e"' })
    expect(result.ok ? [] : result.refusals.map(it => it.finding.at?.start.line)).toEqual([2, 1])
  })

  it('shows the bracket that is still open when the text ends', () => {
    const result = parseHcl({ name: 'p.hcl', text: 'path "a" {\n  b = [1,\n' })
    expect(result.ok ? undefined : result.refusals[0]?.finding).toMatchObject({
      code: 'HCL1109',
      at: { start: { line: 3, column: 1 } },
      related: [{ at: { start: { line: 2, column: 7 } } }],
    })
  })

  it('reads as deep as its limit and refuses deeper', () => {
    const nested = (depth: number): string => `a = ${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(refused(nested(MAX_DEPTH))).toBe('accepted')
    expect(refused(nested(MAX_DEPTH + 1))).toMatch(/nesting is too deep$/)
    expect(refused('a { '.repeat(MAX_DEPTH + 1))).toMatch(/nesting is too deep$/)
  })

  it('counts columns in code points and offsets in UTF-16 units', () => {
    const tree = parsed('a = "😀é" b = 1')
    const range = rangeOf(tree, tree.items[1] as Item)
    expect(range.start).toEqual({ line: 1, column: 10, offset: 10 })
    expect(range.end).toEqual({ line: 1, column: 15, offset: 15 })
  })
})

describe('comments of a tree', () => {
  it('belong to the item below or before them', () => {
    const tree = parsed('# lead\n# lead too\na = 1 # tail\n\n# alone\n\nb = 2\n')
    const [a, b] = tree.items as [Item, Item]
    expect([words(tree, a.lead), words(tree, a.tail), words(tree, b.lead)]).toEqual(['# lead|# lead too', '# tail', undefined])
    expect(tree.comments.filter(it => !it.owned).map(it => words(tree, it))).toEqual(['# alone'])
  })

  it('behind a comma belong to the element before it', () => {
    const tree = parsed('a = [\n  1, # one\n  # two\n  2,\n]')
    const value = tree.items[0]?.value
    const elements = value?.kind === 'list' ? value.elements : []
    expect(elements.map(it => (it.kind === 'literal' ? [words(tree, it.lead), words(tree, it.tail)] : []))).toEqual([
      [undefined, '# one'],
      ['# two', undefined],
    ])
  })
})

describe('the JSON form', () => {
  it.each([
    ['{"path": {"a": {"capabilities": ["read"]}}}', '"path" "a" = {"capabilities" = ["read"]}'],
    ['{"path": [{"a": {"x": 1}}, {"b": {"x": 2}}]}', '"path" "a" = {"x" = 1}; "path" "b" = {"x" = 2}'],
    ['{"a": [true, 1, [2, 3]', '"a" = [1 2 3]'],
    ['{"a": 1,}} behind', '"a" = 1'],
    ['{"a": {"b": 1', '"a" = {"b" = 1}'],
    ['{', ''],
  ])('reads %j as leniently as the server', (text, expected) => {
    expect(shape(parsed(text))).toBe(expected)
  })

  it('begins at the first character that is no blank', () => {
    expect(parsed('\n\t {"a": 1}').dialect).toBe('json')
    expect(refused('\ufeff{"a": 1}')).toBe('At 1:1: illegal char')
  })

  it('refuses a text whose labels would be a product of depth and width', () => {
    const wide = Array.from({ length: 5000 }, (_, i) => `"k${i}":{}`).join(',')
    expect(refused(`${'{"a":'.repeat(900)}{${wide}}`)).toBe('nesting is too deep')
  })
})

describe('stringValue', () => {
  const value = (text: string): string | undefined => {
    const tree = parsed(`a = ${text}`)
    const literal = tree.items[0]?.value
    return literal?.kind === 'literal' ? stringValue(tree, literal.token) : undefined
  }

  it.each([
    ['"a\\tb\\"\\\\"', 'a\tb"\\'],
    ['"\\x41\\101\\u00e9\\U0001f600"', 'AAé😀'],
    ['"\\xc3\\xa9"', 'é'],
    ['"\\xff"', '\udcff'],
    ['"\\ud800"', '\ufffd'],
    ['"${a("\\n")}\\n"', '${a("\\n")}\n'],
    ['<<E\n  a\n  E\n', '  a\n  '],
    ['<<-E\n  a\n   b\n  E\n', 'a\n b\n'],
    ['<<-E\n  a\n b\n  E\n', '  a\n b\n'],
    ['<<E\r\na\r\nE\r\n', 'a\n'],
  ])('reads %j', (text, expected) => {
    expect(value(text)).toBe(expected)
  })

  it.each(['"\\777"', '"\\U00110000"', '"${\ufffd}"'])('has none for %j', text => {
    expect(value(text)).toBeUndefined()
  })
})
