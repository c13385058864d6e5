import { describe, expect, it } from 'vitest'
import { columns, tableOf } from '../../../src/cli/output/index.ts'

describe('columns', () => {
  it('are as wide as their widest cell, four blanks apart, the last one ragged', () => {
    expect(columns([['a', 'bbb', 'c'], ['aaaa', 'b', 'ccc']])).toBe('a       bbb    c\naaaa    b      ccc') // prettier-ignore
  })
  it('count signs, not bytes', () => {
    expect(columns([['äöü', '1'], ['😀', '2']])).toBe('äöü    1\n😀      2') // prettier-ignore
  })
  it('say that a cell is empty, and drop blanks around one', () => {
    expect(columns([['  a ', '', 'c']])).toBe('a    n/a    c')
  })
  it('keep a cell whole whatever it holds', () => {
    expect(columns([['a | b', 'c ♨ d']])).toBe('a | b    c ♨ d')
  })
  it('do not count what only colours', () => {
    expect(columns([['\u001b[31mred\u001b[0m', 'x'], ['four', 'y']])).toBe('\u001b[31mred\u001b[0m     x\nfour    y') // prettier-ignore
  })
})

describe('tableOf', () => {
  it('underlines its heading', () => {
    expect(tableOf(['Key', 'Value'], [['a', 'b']])).toBe('Key    Value\n---    -----\na      b')
  })
})
