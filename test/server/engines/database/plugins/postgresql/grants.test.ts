import { describe, expect, it } from 'vitest'
import { sharedGrants } from '../../../../../../src/server/engines/database/plugins/postgresql/grants.ts'

describe('grants to several users', () => {
  it('are one statement where they are the same', () => {
    const grants = (name: string): readonly string[] => [`GRANT SELECT ON a, "b "" TO" TO ${name}`, `grant reader to ${name}`]
    expect(sharedGrants([grants('"x"'), grants('"y ""z"""')])).toEqual([
      'GRANT SELECT ON a, "b "" TO" TO "x", "y ""z"""',
      'grant reader to "x", "y ""z"""',
    ])
  })

  it.each([
    ['another order', ['GRANT a TO "x"', 'GRANT b TO "x"'], ['GRANT b TO "y"', 'GRANT a TO "y"']],
    ['an option behind', ['GRANT a TO "x" WITH ADMIN OPTION'], ['GRANT a TO "y" WITH ADMIN OPTION']],
    ['another statement between', ['GRANT a TO "x"', 'REVOKE b FROM "x"'], ['GRANT a TO "y"', 'REVOKE b FROM "y"']],
    ['a comment', ['GRANT a -- b\n TO "x"'], ['GRANT a -- b\n TO "y"']],
    ['two users in one task', ['GRANT a TO "x"', 'GRANT a TO "z"'], ['GRANT a TO "y"', 'GRANT a TO "z"']],
  ])('stay as they are with %s', (_, one, other) => {
    expect(sharedGrants([one, other])).toEqual([...one, ...other])
  })

  it('of a task without any are none', () => {
    expect(sharedGrants([[], []])).toEqual([])
  })
})
