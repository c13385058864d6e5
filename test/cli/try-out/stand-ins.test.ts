import { describe, expect, it } from 'vitest'
import { standIns } from '../../../src/cli/try-out/stand-ins.ts'

describe('stand-ins for secrets that nobody has set', () => {
  it('leave what is set as it is', () => {
    const { env, asked } = standIns({ SET: 'value' }, 'key')
    expect([env['SET'], [...asked]]).toEqual(['value', []])
  })

  it('are the same each time, another for each name and store, and told', () => {
    const { env, asked } = standIns({ EMPTY: '' }, 'key')
    const first = env['PASSWORD']
    expect(first).toMatch(/^[\w-]{43}$/)
    expect(env['PASSWORD']).toBe(first)
    expect(standIns({}, 'key').env['PASSWORD']).toBe(first)
    expect(new Set([first, env['EMPTY'], standIns({}, 'another').env['PASSWORD']]).size).toBe(3)
    expect([...asked]).toEqual(['PASSWORD', 'EMPTY'])
  })
})
