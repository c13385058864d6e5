import { describe, expect, it } from 'vitest'
import { apiKind, observeApi } from '../../../../src/reconciler/kinds/api/index.ts'
import type { Address, Resource, TargetReader } from '../../../../src/reconciler/model/index.ts'

const address = 'api/sys/config/ui/headers/X-A' as Address
const resource = {
  address,
  kind: 'api',
  values: { values: ['a'] },
  references: { key: { from: 'env', name: 'K' } },
} as const satisfies Partial<Resource>

const answering = (data: Record<string, unknown> | undefined): TargetReader => ({
  read: path => Promise.resolve(path === 'sys/config/ui/headers/X-A' && data !== undefined ? { data: data as never } : undefined),
  list: () => Promise.reject(new Error('nothing is listed')),
})

describe('anything that the API keeps at a path', () => {
  it('is compared by what the file says, and by nothing else, which may be secret', async () => {
    const live = await observeApi(answering({ values: ['b'], ttl: '1h', client_secret: 'hidden' }), [resource])
    expect(live.get(address)?.values).toEqual({ values: ['b'] })
  })

  it('is absent by a clean answer', async () => {
    expect(await observeApi(answering(undefined), [resource])).toEqual(new Map())
  })

  it('has spans of time in seconds on both sides', async () => {
    expect((await apiKind.read(answering({ ttl: '1h30m', name: '1hour' }), resource, ['ttl', 'name']))?.values).toEqual({
      ttl: 5400,
      name: '1hour',
    })
  })

  it('takes what comes by reference for a secret', () => {
    expect(apiKind.unread(resource)).toEqual({ tracked: ['key'], said: [] })
    expect(apiKind.essence(resource, { key: 'x', values: [] })).toEqual({ values: [] })
  })
})
