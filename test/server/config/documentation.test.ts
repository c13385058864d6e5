import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { formatOptions } from '../../../src/server/audit/index.ts'
import { auditDevices } from '../../../src/server/registry.ts'
import { fileWords, foreignBlocks, ownBlocks } from '../../../src/server/config/file-words.ts'
import { codes } from '../../../src/server/config/findings.ts'
import { listenerBlocks, listenerWords } from '../../../src/server/config/listener-words.ts'

const text = readFileSync(new URL('../../../docs/configuration.md', import.meta.url), 'utf8')

describe('docs/configuration.md', () => {
  const known = [
    ...Object.keys(fileWords),
    ...Object.keys(foreignBlocks),
    ...ownBlocks,
    ...Object.keys(listenerWords),
    ...Object.keys(listenerBlocks),
    ...Object.values(codes),
  ]
  const named = new Set(text.match(/`[A-Za-z_\d]+`/g))

  it('names every word, block and code that there is', () => {
    expect(known.filter(it => !named.has(`\`${it}\``))).toEqual([])
  })

  it('names every option of every audit device', () => {
    const options = [formatOptions, ...Object.values(auditDevices).map(it => it.options)].flatMap(it => Object.keys(it))
    expect(options.filter(it => !named.has(`\`${it}\``))).toEqual([])
  })

  it('tells the words that do something from those that do not', () => {
    const [tables = ''] = text.split('## Accepted without effect')
    const all = [...Object.entries(fileWords), ...Object.entries(listenerWords)]
    expect(all.filter(([name, { is }]) => is === 'value' && !tables.includes(`\`${name}\``)).map(([name]) => name)).toEqual([])
    expect(all.filter(([name, { is }]) => is !== 'value' && tables.includes(`| \`${name}\``)).map(([name]) => name)).toEqual([])
  })
})
