import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findingsPage } from '../../scripts/reference/findings.ts'

describe('the page about findings', () => {
  it('is what the code says', () => {
    expect(readFileSync(new URL('../../docs/reference/findings.md', import.meta.url), 'utf8')).toBe(findingsPage())
  })
})
