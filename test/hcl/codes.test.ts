import { readFileSync, readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { hclCodes } from '../../src/hcl/index.ts'

const folder = new URL('../../src/hcl/', import.meta.url)

/** Every code that a source file names, the catalogue aside. */
function usedCodes(): Set<string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(it => it.endsWith('.ts') && it !== 'codes.ts')
  return new Set(files.flatMap(it => readFileSync(new URL(it, folder), 'utf8').match(/HCL\d{4}/g) ?? []))
}

describe('hclCodes', () => {
  it('has every code that is used, and no other', () => {
    expect(Object.keys(hclCodes)).toEqual([...usedCodes()].sort())
  })

  it('says what each means in a sentence', () => {
    for (const [code, text] of Object.entries(hclCodes)) expect(`${code} ${text}`).toMatch(/^HCL\d{4} [A-Z`].{10,}\.$/)
  })
})
