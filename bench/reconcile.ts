/** What the whole process takes to apply an organisation of 1,000 policies, 500 roles and 50 mounts (or a multiple), and to plan it again. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { faultyProxy } from '../test/contract/harness/faulty-proxy.ts'
import { lockstep, type RunningServer } from '../test/contract/harness/server.ts'

/** One run of the command line. */
interface Run {
  readonly milliseconds: number
  /** Of resident memory, at its highest. */
  readonly mebibytes: number
}

export interface Reconciled {
  readonly apply: Run
  /** The middle one of five, with nothing to change. */
  readonly plan: Run
  /** Requests of such a plan. */
  readonly requests: number
  /** The middle one of five, where one role has changed and the ledger is trusted about the rest; and its requests. */
  readonly changed: Run
  readonly changedRequests: number
}

async function organisation(dir: string, times: number): Promise<void> {
  for (const it of ['policies/org', 'engines', 'roles']) await mkdir(join(dir, it), { recursive: true })
  await writeFile(join(dir, 'lockstep.yaml'), 'version: 1\nownership: { owner: bench }\n')
  for (let i = 0; i < 1000 * times; i++) {
    const text = `# policy ${i}\npath "kv-${i % 49}/data/app${i}/*" {\n  capabilities = ["read", "list"]\n}\n`
    await writeFile(join(dir, `policies/org/p${i}.hcl`), text)
  }
  await writeFile(join(dir, 'roles/machines.yaml'), machines(times, 0))
  // With a config each, which is one more object to look at than a mount alone.
  for (let i = 0; i < 49 * times; i++)
    await writeFile(join(dir, `engines/kv-${i}.yaml`), `type: kv-v2\ndescription: number ${i}\nconfig: { max_versions: ${(i % 9) + 1} }\n`)
}

function machines(times: number, changed: number): string {
  const roles = Array.from(
    { length: 500 * times },
    (_, i) => `  r${i}: { token_policies: [org/p${i}, org/p${i + 1}], token_ttl: ${(i % 60) + 1 + (i === 7 ? changed : 0)}m }\n`,
  )
  return `type: approle\nroles:\n${roles.join('')}`
}

/** Every 10 ms, which misses no plateau. */
async function highWater(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/VmHWM:\s+(\d+) kB/.exec(text)?.[1] ?? 0) / 1024
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<Run> {
  return new Promise((resolve, reject) => {
    const begin = performance.now()
    const child = spawn(lockstep, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
    let [mebibytes, said] = [0, '']
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()))
    const timer = setInterval(() => void highWater(child.pid ?? 0).then(it => (mebibytes = Math.max(mebibytes, it))), 10)
    child.on('exit', code => {
      const milliseconds = performance.now() - begin
      clearInterval(timer)
      if (code === 0 || code === 2) resolve({ milliseconds, mebibytes })
      else reject(new Error(`${args.join(' ')}: exit ${String(code)}: ${said}`))
    })
  })
}

const middle = (runs: readonly Run[]): Run => runs.toSorted((a, b) => a.milliseconds - b.milliseconds)[runs.length >> 1] as Run

/**
 * @param token one that may do everything
 * @param times how many such organisations
 */
export async function reconcileTimes({ address, home }: RunningServer, token: string, times: number): Promise<Reconciled> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-bench-'))
  const proxy = await faultyProxy(address)
  try {
    await organisation(dir, times)
    const env = { PATH: process.env['PATH'], HOME: home, VAULT_ADDR: address, VAULT_TOKEN: token }
    const timed = (...args: readonly string[]): Promise<Run> => run([...args, `-dir=${dir}`], env)
    const counted = async (...args: readonly string[]): Promise<number> => {
      proxy.seen.length = 0
      await run([...args, `-dir=${dir}`], { ...env, VAULT_ADDR: proxy.address })
      return proxy.seen.length
    }
    const five = async (...args: readonly string[]): Promise<Run> => {
      const runs: Run[] = []
      for (let i = 0; i < 5; i++) runs.push(await timed(...args))
      return middle(runs)
    }
    const apply = await timed('apply', '-auto-approve')
    const plan = await five('plan', '-detailed-exitcode')
    const requests = await counted('plan')
    await writeFile(join(dir, 'roles/machines.yaml'), machines(times, 1))
    const changed = await five('plan', '-refresh=false')
    return { apply, plan, requests, changed, changedRequests: await counted('plan', '-refresh=false') }
  } finally {
    await proxy.close()
    await rm(dir, { recursive: true, force: true })
  }
}
