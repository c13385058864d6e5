import { describe, expect, it } from 'vitest'
import { escapePath, queryString } from '../../src/client/index.ts'

describe('escapePath', () => {
  it.each([
    ['secret/data/a', 'secret/data/a'],
    ['with space', 'with%20space'],
    ['ümläut', '%C3%BCml%C3%A4ut'],
    ['😀', '%F0%9F%98%80'],
    ['a?b#c%d', 'a%3Fb%23c%25d'],
    ["a!b'c(d)e*f", 'a%21b%27c%28d%29e%2Af'],
    ['$&+,:;=@-_.~', '$&+,:;=@-_.~'],
    ['a"b<c>[d]{e}|\\^`', 'a%22b%3Cc%3E%5Bd%5D%7Be%7D%7C%5C%5E%60'],
    ['\u0000\n', '%00%0A'],
    ['../up', '../up'],
  ])('spells %j as %s', (path, escaped) => {
    expect(escapePath(path)).toBe(escaped)
  })
})

describe('queryString', () => {
  it('orders the keys and repeats one that has several values', () => {
    expect(queryString({ b: '2', a: ['1', '0'] })).toBe('?a=1&a=0&b=2')
  })
  it('escapes all that has a meaning in a query', () => {
    expect(queryString({ 'a b': 'c+d&e=f/ü' })).toBe('?a+b=c%2Bd%26e%3Df%2F%C3%BC')
  })
  it('is empty for no query', () => {
    expect(queryString({})).toBe('')
  })
})
