import type { Diagnostic } from '../../../kernel/index.ts'
import { loadWorkspace } from '../../load/index.ts'
import { readSource, type SourceChoice } from '../source.ts'
import { policyText } from './policy-text.ts'
import { applyRequests, planRequests } from './requests.ts'

export interface PolicyForOptions {
  readonly job: 'plan' | 'apply'
  readonly dir: string
  readonly source: SourceChoice
  readonly environment?: string
  /** What the policy is to be called on the target. */
  readonly name: string
  /** Apply may take away what it created. */
  readonly deletes: boolean
  readonly now: Date
}

export type PolicyMade =
  { readonly is: 'made'; readonly text: string } | { readonly is: 'broken'; readonly findings: readonly Diagnostic[] }

/** The least that a token needs to plan, or to apply, this repository. */
export async function policyFor({ job, dir, source, environment, name, deletes, now }: PolicyForOptions): Promise<PolicyMade> {
  const { files } = await readSource(dir, source)
  const workspace = loadWorkspace(files, { now, ...(environment === undefined ? {} : { environment }) })
  if (workspace.isBroken) return { is: 'broken', findings: workspace.findings }
  const needed = { resources: workspace.resources, settings: workspace.settings, policyName: name }
  const requests = job === 'plan' ? await planRequests(needed, true) : await applyRequests(needed, deletes)
  return { is: 'made', text: policyText(headOf(job, name, deletes), requests) }
}

const headOf = (job: 'plan' | 'apply', name: string, deletes: boolean): readonly string[] =>
  job === 'plan'
    ? [
        `${name}: what "lockstep plan" and "lockstep drift" read for this repository.`,
        'Made by "lockstep policy-for plan"; make it anew when objects are added.',
      ]
    : [
        `${name}: what "lockstep apply" needs for this repository${deletes ? '' : ', but for deletes'}.`,
        `Made by "lockstep policy-for apply${deletes ? ' -deletes' : ''}"; make it anew when objects are added.`,
      ]
