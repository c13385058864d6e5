import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { faultsPage } from '../../scripts/reference/faults.ts'
import { faultCatalogue } from '../../src/server/logical/index.ts'

describe('the catalogue of faults', () => {
  it('is what its page says', () => {
    const page = readFileSync(new URL('../../docs/reference/faults.md', import.meta.url), 'utf8')
    expect(page).toBe(faultsPage())
  })

  it('gives every fault an HTTP status of an error and a sentence', () => {
    for (const [code, { status, doc }] of Object.entries(faultCatalogue)) {
      expect([code, status >= 400 && status < 600, doc.endsWith('.')]).toEqual([code, true, true])
    }
  })
})
