import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { mountTypePage, mountTypesPage, pageName } from '../../../scripts/reference/mount-types.ts'
import { mountTypes } from '../../../src/reconciler/shapes/index.ts'

const read = (name: string): Promise<string> => readFile(new URL(`../../../docs/reference/${name}`, import.meta.url), 'utf8')

describe('the pages of what can be managed on a mount', () => {
  it.each(Object.values(mountTypes).map(it => [pageName(it), it] as const))('%s says what its table says', async (name, it) => {
    expect(await read(name)).toBe(mountTypePage(it))
  })

  it('are listed', async () => {
    expect(await read('kinds/README.md')).toBe(mountTypesPage(Object.values(mountTypes)))
  })
})
