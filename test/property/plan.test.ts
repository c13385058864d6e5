import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyPhase, encodePlan, openSavedPlan, planPhase } from '../../src/reconciler/index.ts'
import type { Plan } from '../../src/reconciler/model/index.ts'
import { rm } from 'node:fs/promises'
import { arbitraryRepository } from '../reconciler/harness/arbitrary-repository.ts'
import { FakeTarget } from '../reconciler/harness/fake-target.ts'
import { NOW, type Files } from '../reconciler/harness/repository.ts'
import { folder, put } from '../reconciler/harness/run.ts'

const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, takeover: true, empty: true, ownAccess: true }

async function planned(dir: string, target: FakeTarget): Promise<Plan> {
  const result = await planPhase({
    dir,
    source: 'worktree',
    reader: target,
    target: { address: 'http://127.0.0.1:8200' },
    env: {},
    now: NOW,
  })
  if (result.is === 'broken') throw new Error(result.findings.map(it => `${it.at?.file ?? ''}: ${it.summary}`).join('; '))
  return result.plan
}

async function reconciled(dir: string, target: FakeTarget): Promise<string> {
  const plan = await planned(dir, target)
  const result = await applyPhase(plan, { writer: target, env: {}, dir, consents: everything, lookFirst: false })
  return result.is === 'refused' ? result.refusals.map(it => it.summary).join() : result.report.outcome
}

/** One folder, one repository after the other. */
async function becomes(dir: string, files: Files): Promise<void> {
  for (const it of ['policies', 'roles', 'engines']) await rm(`${dir}/${it}`, { recursive: true, force: true })
  await put(dir, files)
}

describe('plan and apply', () => {
  it('come to rest: after an apply there is nothing to do', async () => {
    const dir = await folder()
    await fc.assert(
      fc.asyncProperty(arbitraryRepository, fc.boolean(), async (files, isOpenBao) => {
        await becomes(dir, files)
        const target = new FakeTarget({ isOpenBao })
        expect(await reconciled(dir, target)).toBe('done')
        expect((await planned(dir, target)).steps).toEqual([])
      }),
      { numRuns: 60 },
    )
  })

  it('come to rest from any repository to any other, and leave nothing of the first behind', async () => {
    const dir = await folder()
    await fc.assert(
      fc.asyncProperty(arbitraryRepository, arbitraryRepository, async (before, after) => {
        const target = new FakeTarget()
        for (const files of [before, after]) {
          await becomes(dir, files)
          expect(await reconciled(dir, target)).toBe('done')
        }
        const plan = await planned(dir, target)
        expect(plan.steps).toEqual([])
        const { policies, auth, engines, objects } = plan.unmanaged
        expect({ policies, auth, engines, objects }).toEqual({ policies: [], auth: [], engines: [], objects: [] })
      }),
      { numRuns: 60 },
    )
  })

  it('do the same from a plan that was saved', async () => {
    const dir = await folder()
    await fc.assert(
      fc.asyncProperty(arbitraryRepository, async files => {
        await becomes(dir, files)
        const target = new FakeTarget()
        const plan = await planned(dir, target)
        expect(await openSavedPlan(encodePlan(plan), target, plan.target.address, NOW)).toEqual(plan)
      }),
      { numRuns: 60 },
    )
  })
})
