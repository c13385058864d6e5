import { statusOf, textOf, type Target, type TargetReader } from '../model/index.ts'
import type { OwnToken } from './own-access.ts'

/** The target does not answer as one that could be managed. */
export class TargetUnusable extends Error {}

export type Facts = Omit<Target, 'address' | 'namespace' | 'compareAndSet'>

/** `sys/seal-status` needs no token and answers on every node, sealed or not. */
export async function factsOf(reader: TargetReader): Promise<Facts> {
  const body = ((await reader.read('sys/seal-status')) ?? {}) as Readonly<Record<string, unknown>>
  const text = (key: string): string => (typeof body[key] === 'string' ? body[key] : '')
  if (typeof body['sealed'] !== 'boolean') throw new TargetUnusable('the server does not answer as a Vault-compatible one')
  if (body['initialized'] === false) throw new TargetUnusable('the server is not initialised')
  if (body['sealed']) throw new TargetUnusable('the server is sealed')
  return {
    version: text('version'),
    // Our own server says the version of the API that it speaks, and beside it its own.
    ...(text('lockstep_version') === '' ? {} : { product: `Lockstep ${text('lockstep_version')}` }),
    ...(text('cluster_id') === '' ? {} : { clusterId: text('cluster_id') }),
  }
}

export async function ownToken(reader: TargetReader): Promise<OwnToken | undefined> {
  try {
    const data = (await reader.read('auth/token/lookup-self'))?.data ?? {}
    const list = (key: string): readonly string[] => (Array.isArray(data[key]) ? (data[key] as readonly string[]) : [])
    const meta = (data['meta'] ?? {}) as Readonly<Record<string, unknown>>
    const role = meta['role_name'] ?? meta['role']
    return {
      policies: [...new Set([...list('policies'), ...list('identity_policies')])],
      path: textOf(data['path']),
      ...(typeof role === 'string' ? { role } : {}),
    }
  } catch (error) {
    // A token may lack this right and still have all others; a token that the server does not know fails everywhere else too.
    if (statusOf(error) !== 403) throw error
    return undefined
  }
}
