import { describe, expect, it } from 'vitest'
import { EOF, JsonLexer, Lexer, tokenName } from '../../../src/hcl/lex/index.ts'

type AnyLexer = Lexer | JsonLexer

function scanAll(lexer: AnyLexer): { readonly words: string[]; readonly problems: string[] } {
  const { tokens, reader } = lexer
  const words: string[] = []
  for (let token = lexer.scan(); tokens.kind(token) !== EOF || tokens.start(token) < reader.text.length; token = lexer.scan()) {
    words.push(`${tokenName(tokens.kind(token))} ${reader.text.slice(tokens.start(token), tokens.end(token))}`)
  }
  return { words, problems: reader.problems.map(it => `${it.kind} ${it.at}`) }
}

const hcl = (text: string): ReturnType<typeof scanAll> => scanAll(new Lexer(text))
const json = (text: string): ReturnType<typeof scanAll> => scanAll(new JsonLexer(text))

describe('Lexer', () => {
  it('tells words, booleans, numbers, strings and punctuation apart', () => {
    expect(hcl('path-a.b true falsey "x" 12 -1.5 0x1F [ { = , } ] + - .').words).toEqual([
      'IDENT path-a.b',
      'BOOL true',
      'IDENT falsey',
      'STRING "x"',
      'NUMBER 12',
      'FLOAT -1.5',
      'NUMBER 0x1F',
      'LBRACK [',
      'LBRACE {',
      'ASSIGN =',
      'COMMA ,',
      'RBRACE }',
      'RBRACK ]',
      'ADD +',
      'SUB -',
      'PERIOD .',
    ])
  })

  it('keeps comments as tokens, without the end of their line', () => {
    expect(hcl('# a\r\n// b\n/* c\nd */x').words).toEqual(['COMMENT # a', 'COMMENT // b', 'COMMENT /* c\nd */', 'IDENT x'])
  })

  it('lets quotes and line ends stand inside of an interpolation', () => {
    expect(hcl('"${f("a", {\n})}" x').words).toEqual(['STRING "${f("a", {\n})}"', 'IDENT x'])
  })

  it('takes a heredoc with the line break behind its marker', () => {
    expect(hcl('<<EOT\na\n  EOT\nx').words).toEqual(['HEREDOC <<EOT\na\n  EOT\n', 'IDENT x'])
    expect(hcl('<<-EOT\n  a\n  EOT\nx').words).toEqual(['HEREDOC <<-EOT\n  a\n  EOT\n', 'IDENT x'])
  })

  it('does not end an indented heredoc at a marker without indentation', () => {
    expect(hcl('<<-EOT\na\nEOT\n').problems).toEqual(['unfinished-heredoc 13'])
  })

  it('swallows one character behind an exponent without digits, as the server does', () => {
    expect(hcl('1e}').words).toEqual(['FLOAT 1e}'])
    expect(hcl('.5e3').words).toEqual(['FLOAT .5e', 'NUMBER 3'])
  })

  it.each([
    ['"a', 'unfinished-string 2'],
    ['"a\nb"', 'unfinished-string 2'],
    ['"\\d"', 'illegal-escape 2'],
    ['/* a', 'unfinished-comment 4'],
    ['/ a', 'lone-slash 0'],
    ['<a', 'lone-less-than 1'],
    ['<<a b', 'heredoc-anchor 3'],
    ['<<-\n', 'heredoc-empty-anchor 3'],
    ['0x', 'illegal-hexadecimal 2'],
    ['019', 'illegal-octal 3'],
    ['\u0000', 'null-character 0'],
    ['# \ue123', 'reserved-character 2'],
    ['# \udcff', 'illegal-encoding 2'],
    ['a:b', 'illegal-character 1'],
    ['\ufeffa', 'illegal-character 0'],
  ])('notes a problem in %j', (text, problem) => {
    expect(hcl(text).problems[0]).toBe(problem)
  })

  it('goes on behind a problem', () => {
    expect(hcl('"\\d" "\\e" x')).toEqual({
      words: ['STRING "\\d"', 'STRING "\\e"', 'IDENT x'],
      problems: ['illegal-escape 2', 'illegal-escape 7'],
    })
  })

  it('knows the line of every token', () => {
    const lexer = new Lexer('a\n"${\n}" b\r\nc')
    const lines = [lexer.scan(), lexer.scan(), lexer.scan(), lexer.scan()].map(token => lexer.tokens.line(token))
    expect(lines).toEqual([1, 2, 3, 4])
  })
})

describe('JsonLexer', () => {
  it('reads JSON with its own constants', () => {
    expect(json('{"a": [1, true, null]}').words).toEqual([
      'LBRACE {',
      'STRING "a"',
      'COLON :',
      'LBRACK [',
      'NUMBER 1',
      'COMMA ,',
      'BOOL true',
      'COMMA ,',
      'NULL null',
      'RBRACK ]',
      'RBRACE }',
    ])
  })

  it('ends a string at the next quote, interpolation or not', () => {
    expect(json('"${"').words).toEqual(['STRING "${"'])
  })

  it.each([
    ['01,', 'leading-zero 1'],
    ['01', 'leading-zero 2'],
    ['tru', 'illegal-character 3'],
    ['tru,', 'illegal-character 2'],
    ['#', 'named-character 0'],
    ['"\\/"', 'illegal-escape 2'],
  ])('notes a problem in %j', (text, problem) => {
    expect(json(text).problems[0]).toBe(problem)
  })
})
