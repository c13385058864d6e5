import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { rulePage, rulesPage } from '../../../scripts/reference/rules.ts'
import { rules } from '../../../src/reconciler/rules/index.ts'

const folder = new URL('../../../docs/reference/rules/', import.meta.url)
const page = (name: string): string => readFileSync(new URL(name, folder), 'utf8')

describe('the pages about rules', () => {
  it.each(Object.values(rules))('say what $id says', rule => {
    expect(page(`${rule.id}.md`)).toBe(rulePage(rule))
  })

  it('are listed, and there is no other', () => {
    expect(page('README.md')).toBe(rulesPage(Object.values(rules)))
    expect(readdirSync(folder).toSorted()).toEqual(['README.md', ...Object.keys(rules).map(id => `${id}.md`)].toSorted())
  })
})
