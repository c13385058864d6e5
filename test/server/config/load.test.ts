import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadConfig } from '../../../src/server/config/index.ts'
import { plain, shown, storage, known } from './reading.ts'

let folder = ''
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'lockstep-config-'))))
afterEach(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('loading the configuration', () => {
  it('reads files in the order in which they are given', async () => {
    const one = write('one.hcl', `${storage}${plain}cluster_name = "one"`)
    const two = write('two.json', '{"cluster_name":"two"}')
    expect((await loadConfig({ paths: [one, two], known })).value?.clusterName).toBe('two')
    expect((await loadConfig({ paths: [two, one], known })).value?.clusterName).toBe('one')
  })

  it('reads a folder by the names of its files, and not what editors leave there', async () => {
    write('10-base.hcl', `${storage}${plain}cluster_name = "base"`)
    write('20-more.json', '{"cluster_name":"more"}')
    write('30-notes.txt', 'no configuration')
    write('.#20-more.json', 'lock')
    write('#20-more.json#', 'backup')
    write('20-more.hcl~', 'backup')
    mkdirSync(join(folder, 'folder.hcl'))
    const { value, findings } = await loadConfig({ paths: [folder], known })
    expect(findings.map(shown)).toEqual([])
    expect(value?.clusterName).toBe('more')
  })

  it('does not count a file twice that its folder has brought in', async () => {
    const file = write('server.hcl', `${storage}${plain}`)
    expect((await loadConfig({ paths: [folder, file], known })).value?.listeners).toHaveLength(1)
  })

  it('says which file cannot be read, and why', async () => {
    const { value, findings } = await loadConfig({ paths: [join(folder, 'none.hcl')], known })
    expect(value).toBeUndefined()
    expect(findings.map(shown)).toEqual([`- error CONF3002: cannot read ${join(folder, 'none.hcl')}: there is no such file`])
  })

  it('tells all that is wrong in all files', async () => {
    const one = write('one.hcl', 'nonsense = 1')
    const two = write('two.hcl', 'nonsense = 2')
    const { findings } = await loadConfig({ paths: [one, two], known })
    expect(findings.map(it => it.at?.file)).toEqual([one, two])
  })
})
