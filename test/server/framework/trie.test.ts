import { describe, expect, it } from 'vitest'
import { trie } from '../../../src/server/framework/trie.ts'

const routes = [
  { path: '{rest...}' },
  { path: 'keys', lists: true },
  { path: 'keys/{name}' },
  { path: 'keys/own' },
  { path: 'keys/{name}/tail' },
  { path: 'config' },
  { path: 'data/{path...}' },
]

describe('a trie of routes', () => {
  const cases: readonly [path: string, template: string, params: Record<string, string>][] = [
    ['keys/own', 'keys/own', {}],
    ['keys/other', 'keys/{name}', { name: 'other' }],
    ['keys/own/tail', 'keys/{name}/tail', { name: 'own' }],
    ['keys/own/other', '{rest...}', { rest: 'keys/own/other' }],
    ['keys', 'keys', {}],
    ['keys/', 'keys', {}],
    ['keys/other/', '{rest...}', { rest: 'keys/other/' }],
    ['config', 'config', {}],
    ['config/', '{rest...}', { rest: 'config/' }],
    ['data/a/b/', 'data/{path...}', { path: 'a/b/' }],
    ['data/', 'data/{path...}', { path: '' }],
    ['data', '{rest...}', { rest: 'data' }],
    ['', '{rest...}', { rest: '' }],
  ]
  for (const order of [routes, routes.toReversed()]) {
    const find = trie(order)
    for (const [path, template, params] of cases) {
      it(`takes "${path}" to ${template}, ${order === routes ? 'the table' : 'its reverse'} in order`, () => {
        const found = find(path)
        expect([found?.value.path, found?.params]).toEqual([template, params])
      })
    }
  }

  it('finds nothing where nothing fits', () => {
    expect(trie([{ path: 'config' }, { path: 'data/{path...}' }])('data')).toBeUndefined()
  })

  it('refuses two templates of one shape', () => {
    expect(() => trie([{ path: 'a/{x}' }, { path: 'a/{y}' }])).toThrow('match the same paths')
  })
})
