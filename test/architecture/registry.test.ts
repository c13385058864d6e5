import { describe, expect, it } from 'vitest'
import { importsOf } from './imports.ts'
import { files, foldersIn, under } from './repository.ts'

/** The list of what can be chosen, and the composition, which names what every server has (tokens, Shamir's seal). */
const server = ['src/server/registry.ts', 'src/server/index.ts']

/** Where one folder is one thing that can be plugged in, and the lists of which one must name it. */
const hosts = [
  { host: 'src/server/engines', registries: server },
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
  const rules = under('src/reconciler/rules').filter(path => /^src\/reconciler\/rules\/(?!index\.|rule\.)[^/]+\.ts$/.test(path))

  it('are one file each, with a line in the index', () => {
    const lines = linesOf('src/reconciler/rules/index.ts')
    expect(rules.filter(path => !lines.includes(path))).toEqual([])
  })

  it('are tested, each by the examples that it carries', () => {
    expect(importsOf('test/reconciler/rules/rules.test.ts').map(({ to }) => to)).toContain('src/reconciler/rules/index.ts')
  })
})
