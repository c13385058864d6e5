/**
 * What `npm start`, `npm test`, `npm run check` and the other npm scripts call. Runs on the oldest Node that npm itself runs on (20), with
 * nothing installed, so it uses Node's own modules only: it installs what package-lock.json says, finds a Node that can run the
 * sources, and hands over to the job.
 */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { withLock } from './lock.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const bin = join(root, 'node_modules', '.bin')
const needed = [24, 12]

const jobs = {
  start: args => run(['src/cli/main.ts', 'start', ...args]),
  test: args => run(['node_modules/vitest/vitest.mjs', 'run', ...args]),
  'test:cluster': testCluster,
  bench: args => run(['bench/main.ts', ...args]),
  'demo:payments': args => run(['scripts/demo/payments.ts', ...args]),
  check: runChecks,
}

async function main([name, ...args]) {
  const job = Object.hasOwn(jobs, name ?? '') ? jobs[name] : undefined
  if (job === undefined) throw new Problem(`usage: node scripts/bootstrap.mjs ${Object.keys(jobs).join('|')} [arguments]`)
  await install()
  return job(args)
}

// --- dependencies -------------------------------------------------------------------------------------------------------------

async function install() {
  if (isInstalled()) return
  const waiting = pid => say(`waiting for process ${pid}, which is installing the dependencies`)
  await withLock(
    join(root, '.cache', 'install.lock'),
    async () => {
      if (isInstalled()) return
      say('installing the dependencies that package-lock.json names')
      const { code, output } = await npm(['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'])
      if (code !== 0) throw new Problem(`npm ci failed (exit code ${code}):\n${lastLines(output, 20)}`)
      if (!isInstalled()) throw new Problem('npm ci succeeded, but node_modules does not hold what package-lock.json names')
    },
    waiting,
  )
}

/**
 * npm writes node_modules/.package-lock.json as its last act. Comparing what it says with package-lock.json, rather than two times of
 * change, holds after a `git checkout`, after a half-finished install and after an install by hand.
 */
function isInstalled() {
  const locked = packagesOf(join(root, 'package-lock.json'))
  const installed = packagesOf(join(root, 'node_modules', '.package-lock.json'))
  if (locked === undefined) throw new Problem('package-lock.json is missing')
  if (installed === undefined) return false
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true
    const there = installed[path]
    return there === undefined
      ? entry.optional === true || entry.peer === true
      : there.version === entry.version && there.integrity === entry.integrity
  })
}

function packagesOf(file) {
  if (!existsSync(file)) return undefined
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages
  } catch (cause) {
    throw new Problem(`${file} is not valid JSON: ${cause.message}`)
  }
}

/** Under `npm run`, npm says where it is; by hand, the one on the PATH serves. */
function npm(args) {
  const inside = process.env.npm_execpath
  const [command, ...first] = inside === undefined ? ['npm'] : [process.execPath, inside]
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', chunk => (output += chunk))
    child.stderr.on('data', chunk => (output += chunk))
    child.on('error', cause => reject(new Problem(`npm cannot be started: ${cause.message}`)))
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }))
  })
}

// --- which Node ---------------------------------------------------------------------------------------------------------------

/** The bundled Node where the platform has one, else the machine's own if it is new enough. */
function findNode() {
  const candidates = [join(bin, 'node'), process.execPath, ...(process.env.PATH ?? '').split(delimiter).map(folder => join(folder, 'node'))]
  const node = candidates.find(path => existsSync(path) && isNewEnough(versionOf(path)))
  if (node !== undefined) return node
  throw new Problem(
    `Lockstep needs Node.js ${needed.join('.')} or newer. It brings one for Linux on x64; on ${process.platform}-${process.arch} install one yourself (this is ${process.version})`,
  )
}

function versionOf(path) {
  if (path === process.execPath) return process.version
  return spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? ''
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  return major > needed[0] || (major === needed[0] && minor >= needed[1])
}

// --- jobs ---------------------------------------------------------------------------------------------------------------------

function run(args) {
  const node = findNode()
  return handOver(node, args, node)
}

/** The tests that need a real kube-apiserver, which is given by its path, or in KUBE_APISERVER. */
function testCluster([path = process.env.KUBE_APISERVER ?? '', ...args]) {
  if (!existsSync(path)) throw new Problem('usage: npm run test:cluster -- PATH_OF_KUBE_APISERVER (see CONTRIBUTING.md)')
  process.env.KUBE_APISERVER = resolve(path)
  return run(['node_modules/vitest/vitest.mjs', 'run', '--project', 'cluster', ...args])
}

/** Every script of package.json called check:<part>, in the order they stand there; `npm run check -- lint types` runs those two. */
async function runChecks(wanted) {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const parts = Object.keys(scripts).flatMap(name => (name.startsWith('check:') ? [name.slice('check:'.length)] : []))
  const unknown = wanted.filter(part => !parts.includes(part))
  if (unknown.length > 0) throw new Problem(`no such check: ${unknown.join(', ')} (there are: ${parts.join(', ')})`)
  const node = findNode()
  const failed = []
  for (const part of parts.filter(part => wanted.length === 0 || wanted.includes(part))) {
    const command = scripts[`check:${part}`]
    say(`check ${part}: ${command}`)
    if ((await handOver('/bin/sh', ['-c', command], node)) !== 0) failed.push(part)
  }
  say(failed.length === 0 ? 'all checks passed' : `failed checks: ${failed.join(', ')}`)
  return failed.length === 0 ? 0 : 1
}

/**
 * Runs a command in our place: same terminal, same streams, every signal passed on, its exit code ours. On Ctrl-C the terminal signals
 * the command as well, so a command must bear a signal twice (it must under npm anyway, which passes signals on too).
 */
function handOver(command, args, node) {
  const path = [dirname(node), bin, process.env.PATH ?? ''].join(delimiter)
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']
  const pass = signal => child.kill(signal)
  for (const signal of signals) process.on(signal, pass)
  return new Promise((resolve, reject) => {
    child.on('error', cause => reject(new Problem(`${command} cannot be started: ${cause.message}`)))
    child.on('close', (code, signal) => {
      for (const name of signals) process.off(name, pass)
      resolve(code ?? 128 + constants.signals[signal])
    })
  })
}

// --- words --------------------------------------------------------------------------------------------------------------------

/** Something the reader can act upon: told in one line, without a stack. */
class Problem extends Error {}

function say(text) {
  process.stderr.write(`lockstep: ${text}\n`)
}

function lastLines(text, count) {
  return text.trim().split('\n').slice(-count).join('\n')
}

main(process.argv.slice(2)).then(
  code => (process.exitCode = code),
  error => {
    if (!(error instanceof Problem)) throw error
    say(error.message)
    process.exitCode = 1
  },
)
