import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { files, read } from './repository.ts'

const isText = (path: string): boolean => !/\.(png|ico|woff2?|gz|zip|bin|der|p12)$/.test(path)

function linesWith(pattern: RegExp, among: readonly string[]): readonly string[] {
  return among.filter(isText).flatMap(path =>
    read(path)
      .split('\n')
      .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim().slice(0, 120)}`] : [])),
  )
}

/** Written in pieces, so that this file does not find itself. */
const machinePaths = new RegExp(`(?<![\\w.<*-])/(${['home', 'Users', 'root', 'tmp', 'work', 'farm'].join('|')})/[\\w.]`)
const registryHosts = new RegExp(
  ['registry\\.npmjs', 'npmjs\\.com', 'pypi', 'pythonhosted', 'yarnpkg', 'proxy\\.golang'].join('\\.?(org|com|io)|'),
  'i',
)

describe('the repository', () => {
  const ours = files.filter(path => !path.startsWith('test/architecture/') && !path.startsWith('test/vectors/'))

  it('names no path of one machine', () => {
    expect(linesWith(machinePaths, ours)).toEqual([])
  })

  it('names no package registry, which is the business of who installs', () => {
    expect(linesWith(registryHosts, ours)).toEqual([])
  })
})

describe('documents', () => {
  const documents = files.filter(path => path.endsWith('.md'))

  it('link only to files that exist', () => {
    const links = documents.flatMap(path =>
      [...read(path).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(#[^)]*)?\)/g)].map(([, target = '']) => ({
        path,
        to: join(dirname(path), target).replace(/\/$/, ''),
      })),
    )
    const broken = links.filter(({ to }) => !files.some(file => file === to || file.startsWith(`${to}/`)))
    expect(broken.map(({ path, to }) => `${path} → ${to}`)).toEqual([])
  })
})

describe('the licence', () => {
  const { license, version } = JSON.parse(read('package.json')) as { license: string; version: string }
  const lock = JSON.parse(read('package-lock.json')) as { packages: Record<string, { license?: string; dev?: boolean; version?: string }> }

  it('is Apache-2.0, in full', () => {
    expect(license).toBe('Apache-2.0')
    const text = read('LICENSE')
    for (const part of [
      'Version 2.0, January 2004',
      'TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION',
      '9. Accepting Warranty',
      'END OF TERMS',
    ]) {
      expect(text).toContain(part)
    }
  })

  it('goes together with those of the packages we ship', () => {
    const permissive = /^\(?(MIT|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|MPL-2\.0|Unlicense)( (OR|AND) [\w.-]+)*\)?$/
    const shipped = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true)
    expect(
      shipped.filter(([, entry]) => !permissive.test(entry.license ?? '')).map(([path, entry]) => `${path}: ${entry.license ?? 'none'}`),
    ).toEqual([])
  })

  it('covers a release that the lock file and the change log know', () => {
    expect(lock.packages['']?.version).toBe(version)
    expect(read('CHANGELOG.md')).toMatch(/^## \[Unreleased\]$/m)
  })
})

describe('dependencies', () => {
  it('are exact versions', () => {
    const manifest = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>
    const all = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap(kind => Object.entries(manifest[kind] ?? {}))
    expect(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })
})

describe.each(files.filter(path => /^\.github\/workflows\/.*\.ya?ml$/.test(path)))('%s', path => {
  const text = read(path)
  const workflow = parse(text) as { permissions?: unknown; jobs: Record<string, { 'timeout-minutes'?: number }> }

  it('pins every action by commit and says which release that is', () => {
    const uses = text.split('\n').filter(line => /^\s*(- )?uses:/.test(line))
    expect(uses.filter(line => !/uses: \.\//.test(line) && !/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d/.test(line))).toEqual([])
  })

  it('asks for no permission by default, and gives every job a time', () => {
    expect([JSON.stringify(workflow.permissions)]).toEqual([expect.stringMatching(/^(\{\}|\{"contents":"read"\})$/)])
    expect(Object.entries(workflow.jobs).filter(([, job]) => job['timeout-minutes'] === undefined)).toEqual([])
  })
})
