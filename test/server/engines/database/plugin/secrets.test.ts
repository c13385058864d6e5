import { describe, expect, it } from 'vitest'
import { splitStatements, statementTexts, withoutSecrets } from '../../../../../src/server/engines/database/plugin/index.ts'

describe('an error without secrets', () => {
  it.each([
    ['syntax error at "hunter2-hunter2"', ['hunter2-hunter2'], 'syntax error at "[password]"'],
    ['at xhunter2-hunter2x', ['hunter2-hunter2'], 'at x[password]x'],
    ['at postgres://root:a%40b%2Fcde@host', ['a@b/cde'], 'at postgres://root:[password]@host'],
    [`near 'it''s so'`, [`it's so`], `near '[password]'`],
    // The peer makes "una[password]le to start transaction" of it.
    ['unable to start: b', ['b'], 'unable to start: [password]'],
    ['nothing here', ['', 'x'], 'nothing here'],
    ['$1 (a+b)* and abc-def', ['(a+b)*', 'abc-de'], '$1 [password] and [password]f'],
  ])('%s', (text, secrets, expected) => {
    expect(withoutSecrets(text, secrets)).toBe(expected)
  })
})

describe('statements', () => {
  it('come one by one, as a list in JSON, or in base64', () => {
    const base64 = Buffer.from('["A; B", "C"]').toString('base64')
    expect(statementTexts([' A; B ', '["C", "D"]', base64, '  '])).toEqual(['A; B', 'C', 'D', 'A; B', 'C'])
  })

  it('are taken as they are when they only look like base64', () => {
    expect(statementTexts(['nonsense'])).toEqual(['nonsense'])
  })

  it('can be split at semicolons', () => {
    expect(splitStatements(['A; B;;', 'C'])).toEqual(['A', 'B', 'C'])
  })
})
