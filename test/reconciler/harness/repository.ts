import { loadWorkspace, type Workspace } from '../../../src/reconciler/load/index.ts'
import type { Address, Plan, RepositoryFile } from '../../../src/reconciler/model/index.ts'
import { placeText } from '../../../src/reconciler/model/index.ts'

export const NOW: Date = new Date('2026-11-24T12:00:00Z')

/** Path by text. */
export type Files = Readonly<Record<string, string>>

export const repositoryFiles = (files: Files): readonly RepositoryFile[] => Object.entries(files).map(([path, text]) => ({ path, text }))

export const workspace = (files: Files, environment?: string): Workspace =>
  loadWorkspace(repositoryFiles(files), { now: NOW, ...(environment === undefined ? {} : { environment }) })

/** Each finding on one line: `roles/a.yaml:3:5 error LOAD0003 unknown key …`. */
export const findingsOf = (files: Files): readonly string[] =>
  workspace(files).findings.map(it => `${it.at === undefined ? '-' : placeText(it.at)} ${it.severity} ${it.code} ${it.summary}`)

export const addressesOf = (files: Files): readonly Address[] => [...workspace(files).resources.keys()]

/** `create policy/a`. */
export const stepsOf = (plan: Plan): readonly string[] => plan.steps.map(it => `${it.action} ${it.address}`)
