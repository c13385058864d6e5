import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { applyFixes, rules, type Example } from '../../../src/reconciler/rules/index.ts'
import { ownRules } from '../../../src/reconciler/rules/lint/index.ts'
import { lintFiles } from './lint-files.ts'

const found = (id: string, example: Example): readonly string[] => lintFiles(example).flatMap(it => (it.code === id ? it.summary : []))

describe.each(Object.values(rules))('$id', rule => {
  it('finds its example', () => {
    expect(found(rule.id, rule.bad)).not.toEqual([])
  })

  it('is silent about what is right', () => {
    expect(found(rule.id, rule.good)).toEqual([])
  })

  it('has a right form in which no rule finds an error', () => {
    expect(lintFiles(rule.good).filter(it => it.severity === 'error')).toEqual([])
  })

  it('speaks as all do', () => {
    for (const { summary, detail = '' } of lintFiles(rule.bad).filter(it => it.code === rule.id)) {
      expect([summary, detail].filter(it => it.endsWith('.') || it.includes('\n'))).toEqual([])
    }
    expect([rule.doc.endsWith('.'), rule.why.endsWith('.')]).toEqual([true, true])
  })

  it('offers edits that make the finding go, and nothing else if they are safe', () => {
    const text = typeof rule.bad === 'string' ? rule.bad : undefined
    const findings = text === undefined ? [] : lintFiles(text).filter(it => it.code === rule.id && it.fix?.safe === true)
    if (text === undefined || findings.length === 0) return
    const fixed = applyFixes({ name: 'example.hcl', text }, findings)
    expect(fixed?.text).toBe(rule.good)
    expect(found(rule.id, fixed?.text ?? text)).toEqual([])
  })
})

describe('the table of rules', () => {
  const folder = new URL('../../../src/reconciler/rules/', import.meta.url)

  it('has a file for each line', () => {
    const files = new Set(readdirSync(folder))
    const own = new Set(ownRules.map(it => it.id))
    expect(Object.keys(rules).filter(id => !own.has(id) && !files.has(`${id}.ts`))).toEqual([])
  })
})
