import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const scripts = fileURLToPath(new URL('../../scripts', import.meta.url))
const lock = {
  packages: {
    '': { name: 'sample' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/b': { version: '2.0.0', optional: true },
  },
}

/** What npm does, as far as the bootstrap can see: it counts its runs, takes its time, and writes what it installed last. */
const npm = `
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
appendFileSync('npm-runs', process.argv.slice(2, 3).join(' ') + '\\n')
if (process.env.NPM_FAILS) { console.error('npm error network is down'); process.exit(7) }
await new Promise(resolve => setTimeout(resolve, 100))
mkdirSync('node_modules/vitest', { recursive: true })
writeFileSync('node_modules/vitest/vitest.mjs', readFileSync('job.mjs'))
writeFileSync('node_modules/.package-lock.json', readFileSync('package-lock.json'))
`

/** The job that is handed over to: it says who it is and ends as its first argument says. */
const job = `
if (process.argv[3] === 'wait') { setInterval(() => {}, 1000); process.on('SIGTERM', () => { console.log('told to stop'); process.exit(5) }) }
console.log('job', process.argv.slice(2).join(' '))
if (process.argv[3]?.startsWith('exit=')) process.exit(Number(process.argv[3].slice(5)))
`

interface Run {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

describe('scripts/bootstrap.mjs', () => {
  let root = ''
  const runs = (): readonly string[] =>
    existsSync(join(root, 'npm-runs')) ? readFileSync(join(root, 'npm-runs'), 'utf8').trim().split('\n') : []
  const environment = (more: Record<string, string>): NodeJS.ProcessEnv => ({
    PATH: '/usr/bin:/bin',
    npm_execpath: join(root, 'npm.mjs'),
    ...more,
  })

  const bootstrap = (args: readonly string[], more: Record<string, string> = {}): Promise<Run> =>
    new Promise(resolve => {
      execFile(
        process.execPath,
        [join(root, 'scripts', 'bootstrap.mjs'), ...args],
        { cwd: tmpdir(), env: environment(more) },
        (error, stdout, stderr) => resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
      )
    })

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'lockstep-bootstrap-'))
    cpSync(scripts, join(root, 'scripts'), { recursive: true })
    writeFileSync(join(root, 'npm.mjs'), npm)
    writeFileSync(join(root, 'job.mjs'), job)
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify(lock))
    writeFileSync(
      join(root, 'package.json'),
      JSON.stringify({ scripts: { 'check:one': 'echo one', 'check:two': 'echo two; exit 3', 'check:three': 'echo three', start: 'x' } }),
    )
  })
  afterEach(() => {
    rmSync(root, { recursive: true, force: true })
  })

  it('installs what the lock file names, then runs the job with its arguments', async () => {
    expect(await bootstrap(['test', 'some/folder'])).toMatchObject({ code: 0, stdout: 'job run some/folder\n' })
    expect(runs()).toEqual(['ci'])
  })

  it('installs nothing when everything is there, optional packages of other platforms aside', async () => {
    await bootstrap(['test'])
    const installed = { packages: { 'node_modules/a': lock.packages['node_modules/a'] } }
    writeFileSync(join(root, 'node_modules', '.package-lock.json'), JSON.stringify(installed))
    expect(await bootstrap(['test'])).toMatchObject({ code: 0, stderr: '' })
    expect(runs()).toEqual(['ci'])
  })

  it.each([
    ['another version', { ...lock.packages, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['another content', { ...lock.packages, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-other' } }],
    ['one more package', { ...lock.packages, 'node_modules/c': { version: '1.0.0' } }],
  ])('installs again when the lock file names %s', async (_, packages) => {
    await bootstrap(['test'])
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }))
    await bootstrap(['test'])
    expect(runs()).toEqual(['ci', 'ci'])
  })

  it('installs once when several runs begin together', async () => {
    const all = await Promise.all([bootstrap(['test']), bootstrap(['test']), bootstrap(['test'])])
    expect(all.map(({ code }) => code)).toEqual([0, 0, 0])
    expect(runs()).toEqual(['ci'])
    expect(existsSync(join(root, '.cache', 'install.lock'))).toBe(false)
  })

  it('takes over the lock of a run that is gone', async () => {
    const gone = spawn(process.execPath, ['-e', ''])
    await once(gone, 'exit')
    mkdirSync(join(root, '.cache'))
    writeFileSync(join(root, '.cache', 'install.lock'), String(gone.pid))
    expect(await bootstrap(['test'])).toMatchObject({ code: 0 })
  })

  it('says what npm said when it fails, and runs no job', async () => {
    const { code, stdout, stderr } = await bootstrap(['test'], { NPM_FAILS: '1' })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain('npm ci failed (exit code 7)')
    expect(stderr).toContain('npm error network is down')
    expect(stderr).not.toContain('    at ')
  })

  it('ends with the exit code of the job', async () => {
    expect(await bootstrap(['test', 'exit=4'])).toMatchObject({ code: 4 })
  })

  it('passes a signal on and waits for the job to end', async () => {
    await bootstrap(['test'])
    const child = spawn(process.execPath, [join(root, 'scripts', 'bootstrap.mjs'), 'test', 'wait'], {
      env: environment({}),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let said = ''
    child.stdout.on('data', chunk => {
      said += String(chunk)
      if (said === 'job run wait\n') child.kill('SIGTERM')
    })
    const [code] = (await once(child, 'close')) as [number]
    expect({ code, said }).toEqual({ code: 5, said: 'job run wait\ntold to stop\n' })
  })

  it('runs every check, whichever fails, and names those that did', async () => {
    const { code, stdout, stderr } = await bootstrap(['check'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'one\ntwo\nthree\n' })
    expect(stderr).toContain('failed checks: two')
    expect(await bootstrap(['check', 'one', 'three'])).toMatchObject({ code: 0, stdout: 'one\nthree\n' })
  })

  it.each([[[]], [['fly']], [['toString']], [['check', 'nonsense']]])('refuses %j', async args => {
    const { code, stderr } = await bootstrap(args)
    expect(code).toBe(1)
    expect(stderr).toMatch(/usage:|no such check/)
  })
})
