import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach } from 'vitest'
import { applyPhase, planPhase, type Applied, type Consents, type PlanOptions } from '../../../src/reconciler/index.ts'
import type { ApplyReport } from '../../../src/reconciler/index.ts'
import type { Plan, TargetWriter } from '../../../src/reconciler/model/index.ts'
import { NOW, type Files } from './repository.ts'

const made: string[] = []

/** A folder of its own for each test, gone after it. */
export async function folder(files: Files = {}): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-test-'))
  made.push(dir)
  await put(dir, files)
  return dir
}

export async function put(dir: string, files: Files): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
}

export const take = async (dir: string, path: string): Promise<void> => await rm(join(dir, path), { recursive: true, force: true })

afterEach(async () => {
  await Promise.all(made.splice(0).map(dir => rm(dir, { recursive: true, force: true })))
})

type More = Partial<Pick<PlanOptions, 'env' | 'isSelected' | 'environment' | 'source' | 'ignore' | 'refresh'>>

const ADDRESS = 'http://127.0.0.1:8200'

/** The plan of a folder that has no mistakes. */
export async function planOf(dir: string, target: TargetWriter, more: More = {}): Promise<Plan> {
  const planned = await planPhase({ dir, source: 'worktree', reader: target, target: { address: ADDRESS }, env: {}, now: NOW, ...more })
  if (planned.is === 'broken') throw new Error(planned.findings.map(it => it.summary).join('; '))
  return planned.plan
}

export async function apply(dir: string, target: TargetWriter, plan: Plan, consents: Consents = {}, more: More = {}): Promise<Applied> {
  return await applyPhase(plan, { writer: target, env: more.env ?? {}, dir, consents, lookFirst: true })
}

/** Plans and applies; the report. */
export async function applied(dir: string, target: TargetWriter, consents: Consents = {}, more: More = {}): Promise<ApplyReport> {
  const result = await apply(dir, target, await planOf(dir, target, more), consents, more)
  if (result.is === 'refused') throw new Error(result.refusals.map(it => it.summary).join('; '))
  return result.report
}
