import type { Diagnostic } from '../../kernel/index.ts'
import { readAccess, type Access } from '../access/index.ts'
import { loadWorkspace } from '../load/index.ts'
import { readSource, type SourceChoice } from './source.ts'

export interface RepositoryChoice {
  readonly dir: string
  readonly source: SourceChoice
  /** Whose overlay of files is taken. */
  readonly environment?: string
  readonly now: Date
}

/** `broken`: the files are not right, so that nothing may be concluded from them. */
export type RepositoryAccess =
  | { readonly is: 'read'; readonly access: Access; readonly findings: readonly Diagnostic[] }
  | { readonly is: 'broken'; readonly findings: readonly Diagnostic[] }

/** Who can reach what, as the files of a repository say. */
export async function repositoryAccess({ dir, source, environment, now }: RepositoryChoice): Promise<RepositoryAccess> {
  const { files } = await readSource(dir, source)
  const { resources, findings, isBroken } = loadWorkspace(files, { now, ...(environment === undefined ? {} : { environment }) })
  return isBroken ? { is: 'broken', findings } : { is: 'read', access: readAccess(resources.values(), { now }), findings }
}
