import { gzip } from 'node:zlib'
import { promisify } from 'node:util'
import type { GitHub } from './connect.ts'

export interface SarifUpload {
  readonly sha: string
  /** Fully qualified: `refs/heads/main`, `refs/pull/7/merge`. */
  readonly ref: string
  readonly sarif: string
  readonly startedAt: Date
}

/** Hands findings to code scanning, which shows them beside the lines and closes those that are gone. The answer is the upload's id. */
export async function uploadSarif({ rest, owner, repo }: GitHub, { sha, ref, sarif, startedAt }: SarifUpload): Promise<string> {
  const { data } = await rest.codeScanning.uploadSarif({
    owner,
    repo,
    commit_sha: sha,
    ref,
    sarif: (await promisify(gzip)(sarif)).toString('base64'),
    started_at: startedAt.toISOString(),
    tool_name: 'lockstep',
  })
  return data.id ?? ''
}
