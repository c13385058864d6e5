import { describe, expect, it } from 'vitest'
import { rules } from '../../src/reconciler/rules/index.ts'
import { ownRules } from '../../src/reconciler/rules/lint/index.ts'
import { importsOf } from './imports.ts'
import { files, foldersIn, read, under } from './repository.ts'

/** The list of what can be chosen, and the composition, which names what every server has (tokens, Shamir's seal). */
const server = ['src/server/registry.ts', 'src/server/index.ts']

/** Where one folder is one thing that can be plugged in, and the lists of which one must name it. */
const hosts = [
  { host: 'src/server/engines', registries: server },
  { host: 'src/server/engines/database/plugins', registries: ['src/server/engines/database/plugins.ts'] },
  { host: 'src/server/auth', registries: server },
  { host: 'src/server/storage', registries: server },
  { host: 'src/server/seal', registries: server },
  { host: 'src/server/audit', registries: server },
  { host: 'src/reconciler/kinds', registries: ['src/reconciler/kinds/index.ts'] },
] as const

const linesOf = (registry: string): readonly string[] => (files.includes(registry) ? importsOf(registry).map(({ to }) => to) : [])
const tests = under('test', '.test.ts')
const tested = new Set(under('test').flatMap(path => importsOf(path).map(({ to }) => to)))

/** A test stands at the mirrored place, or imports what it tests from wherever it stands. */
function hasTest(folder: string): boolean {
  const mirror = folder.replace(/^src\//, 'test/')
  return (
    tests.some(path => path.startsWith(`${mirror}/`) || path === `${mirror}.test.ts`) || [...tested].some(to => to.startsWith(`${folder}/`))
  )
}

describe.each(hosts)('what is plugged in at $host', ({ host, registries }) => {
  const folders = foldersIn(host)

  it('has its line in the registry', () => {
    const named = registries
      .flatMap(linesOf)
      .filter(to => to.startsWith(`${host}/`) && to.endsWith('/index.ts') && to !== `${host}/index.ts`)
    expect([...new Set(named.map(to => to.slice(0, -'/index.ts'.length)))].toSorted()).toEqual(folders.toSorted())
  })

  it('has a test of its own', () => {
    expect(folders.filter(folder => !hasTest(folder))).toEqual([])
  })
})

describe('the rules of the reconciler', () => {
  const host = 'src/reconciler/rules'
  /** A rule is a file of its own there; what they share has folders. */
  const ids = under(host).flatMap(path => /^src\/reconciler\/rules\/(?!index\.|rule\.)([^/]+)\.ts$/.exec(path)?.[1] ?? [])
  const own = Object.values(ownRules).map(it => it.id)

  it('are found', () => {
    expect(ids.length).toBeGreaterThan(50)
  })

  it('have their line each: an import, and a place in the table under the name of their file', () => {
    const lines = linesOf(`${host}/index.ts`)
    expect(ids.filter(id => !lines.includes(`${host}/${id}.ts`))).toEqual([])
    expect(Object.keys(rules).toSorted()).toEqual([...ids, ...own].toSorted())
  })

  it('have a page each', () => {
    expect(Object.keys(rules).filter(id => !files.includes(`docs/reference/rules/${id}.md`))).toEqual([])
  })

  it('have a test each: what they find and what they let pass, in one test that goes through the table', () => {
    const test = 'test/reconciler/rules/rules.test.ts'
    expect(importsOf(test).map(({ to }) => to)).toContain(`${host}/index.ts`)
    expect(read(test)).toContain('describe.each(Object.values(rules))')
    expect(Object.values(rules).flatMap(({ id, bad, good }) => (bad === good ? id : []))).toEqual([])
  })
})
