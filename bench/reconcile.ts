/** How long the whole process takes to apply an organisation of 1,000 policies, 500 roles and 50 mounts, and to plan it again. */
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { lockstep, type RunningServer } from '../test/contract/harness/server.ts'

const run = promisify(execFile)

/** Milliseconds. */
export interface Reconciled {
  readonly apply: number
  /** The middle one of five, with nothing to change. */
  readonly plan: number
}

async function organisation(dir: string): Promise<void> {
  for (const it of ['policies/org', 'engines', 'roles']) await mkdir(join(dir, it), { recursive: true })
  await writeFile(join(dir, 'lockstep.yaml'), 'version: 1\nownership: { owner: bench }\n')
  for (let i = 0; i < 1000; i++) {
    const text = `# policy ${i}\npath "kv-${i % 49}/data/app${i}/*" {\n  capabilities = ["read", "list"]\n}\n`
    await writeFile(join(dir, `policies/org/p${i}.hcl`), text)
  }
  const roles = Array.from(
    { length: 500 },
    (_, i) => `  r${i}: { token_policies: [org/p${i}, org/p${i + 1}], token_ttl: ${(i % 60) + 1}m }\n`,
  )
  await writeFile(join(dir, 'roles/machines.yaml'), `type: approle\nroles:\n${roles.join('')}`)
  for (let i = 0; i < 49; i++) await writeFile(join(dir, `engines/kv-${i}.yaml`), `type: kv\ndescription: number ${i}\n`)
}

/** @param token one that may do everything */
export async function reconcileTimes({ address, home }: RunningServer, token: string): Promise<Reconciled> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-bench-'))
  try {
    await organisation(dir)
    const env = { PATH: process.env['PATH'], HOME: home, VAULT_ADDR: address, VAULT_TOKEN: token }
    const timed = async (...args: readonly string[]): Promise<number> => {
      const begin = performance.now()
      await run(lockstep, [...args, `-dir=${dir}`], { env, maxBuffer: 1 << 26 })
      return performance.now() - begin
    }
    const apply = await timed('apply', '-auto-approve')
    const plans: number[] = []
    for (let i = 0; i < 5; i++) plans.push(await timed('plan', '-detailed-exitcode'))
    return { apply, plan: plans.sort((a, b) => a - b)[2] ?? 0 }
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}
