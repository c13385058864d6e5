import { assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { filledStatements } from '../../../../../../src/server/engines/database/plugins/mysql/statements.ts'

const filled = (text: string, name = 'n', password = 'p'): readonly string[] =>
  filledStatements([text], { name, password, expiration: '2026-01-02 15:04:05+0000' })

describe('statements', () => {
  it.each([
    ["CREATE USER '{{name}}'@'%'; GRANT SELECT ON a.* TO '{{username}}'@'%';", ["CREATE USER 'n'@'%'", "GRANT SELECT ON a.* TO 'n'@'%'"]],
    ["CREATE USER a IDENTIFIED BY 'a;b'; SELECT 1", ["CREATE USER a IDENTIFIED BY 'a;b'", 'SELECT 1']],
    ['SELECT `a;b`, "c;d" -- ; x\n, 1 /* ; */; # ;\nSELECT 2', ['SELECT `a;b`, "c;d" -- ; x\n, 1 /* ; */', '# ;\nSELECT 2']],
    ["SELECT 'it''s; a', 'b\\'; c'", ["SELECT 'it''s; a', 'b\\'; c'"]],
    ['["SELECT 1", "SELECT 2"]', ['SELECT 1', 'SELECT 2']],
    [Buffer.from('SELECT 1; SELECT 2').toString('base64'), ['SELECT 1', 'SELECT 2']],
    ["SELECT '{{expiration}}'", ["SELECT '2026-01-02 15:04:05+0000'"]],
    [' ;; ', []],
  ])('%j is %j', (text, expected) => {
    expect(filled(text)).toEqual(expected)
  })

  it.each([
    ["SELECT '{{name}}'", `a'b`, "SELECT 'a''b'"],
    ["SELECT '{{name}}'", 'a\\', "SELECT 'a\\\\'"],
    ['SELECT "{{name}}"', 'a"b', 'SELECT "a""b"'],
    ['SELECT `{{name}}`', 'a`b', 'SELECT `a``b`'],
    ["SELECT '{{name}}'", "x'; DROP TABLE a; -- ", "SELECT 'x''; DROP TABLE a; -- '"],
  ])('%s holds %j as %s, and is still one', (text, name, expected) => {
    expect(filled(text, name)).toEqual([expected])
  })

  it.each(['SELECT {{name}}', 'SELECT 1 -- {{name}}', 'SELECT /* {{name}} */ 1'])('%s lets nothing in that could mean something', text => {
    for (const name of ["a'b", 'a;b', 'a*/b', 'a--b', 'a\nb', 'a#b']) expect(() => filled(text, name)).toThrow('not safe there')
    expect(filled(text, 'plain-name_1')).toHaveLength(1)
  })

  it('are as many as their author wrote, whatever the values', () => {
    assert(
      property(string({ unit: 'grapheme', maxLength: 20 }), string({ unit: 'binary', maxLength: 20 }), (name, password) => {
        if (`${name}${password}`.includes('\0')) return
        const made = filled("CREATE USER '{{name}}'@'%' IDENTIFIED BY \"{{password}}\"; GRANT a TO `{{name}}`", name, password)
        expect(made).toHaveLength(2)
        // Read back by the rules of the quotes, each value is what it was.
        const [, first = '', second = ''] = /^CREATE USER '([^]*)'@'%' IDENTIFIED BY "([^]*)"$/.exec(made[0] ?? '') ?? []
        expect(first.replaceAll("''", "'").replaceAll('\\\\', '\\')).toBe(name)
        expect(second.replaceAll('""', '"').replaceAll('\\\\', '\\')).toBe(password)
      }),
    )
  })
})
