import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { running, type Running } from './running.ts'

async function taken({ server }: Running): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of server.core.ports.seal.snapshot()) chunks.push(chunk)
  return Buffer.concat(chunks)
}
async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
const restore = ({ server }: Running, bytes: Uint8Array, force = false): Promise<void> =>
  server.core.ports.seal.restore(whole(bytes), force)
const wireOf = (cause: unknown): readonly string[] => (cause as { readonly wire: readonly string[] }).wire

async function withData(options: Parameters<typeof running>[0] = {}): Promise<Running> {
  const at = await running(options)
  await at.ask('write', 'sys/mounts/kv', { type: 'kv' })
  await at.ask('write', 'kv/a', { x: 'then' })
  return at
}

describe('a snapshot of a server', () => {
  it('brings everything back as it was, and the server goes on', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'snapshot-'))
    for (const storage of [
      { type: 'inmem', options: {} },
      { type: 'lmdb', options: { path: folder } },
    ]) {
      const at = await withData({ storage, shares: 3, threshold: 2 })
      const bytes = await taken(at)
      const { body } = await at.ask('write', 'auth/token/create', {})
      await at.ask('write', 'kv/a', { x: 'later' })
      await at.ask('write', 'kv/new', { x: 'later' })
      await at.ask('delete', 'sys/mounts/kv')
      await restore(at, bytes)
      expect((await at.ask('read', 'kv/a')).body).toMatchObject({ data: { x: 'then' } })
      expect((await at.ask('read', 'kv/new')).status).toBe(404)
      const { client_token: late } = (body as { readonly auth: { readonly client_token: string } }).auth
      expect((await at.as(late)('read', 'auth/token/lookup-self')).status).toBe(403)
      await at.ask('write', 'kv/a', { x: 'after' })
      expect((await at.ask('read', 'kv/a')).body).toMatchObject({ data: { x: 'after' } })
      await at.server.core.close()
    }
    await rm(folder, { recursive: true })
  })

  it('of other keys is taken by force only, and opens for its own shares', async () => {
    const one = await withData({ shares: 3, threshold: 2 })
    const bytes = await taken(one)
    const other = await withData()
    await other.ask('write', 'kv/a', { x: 'other' })
    expect(wireOf(await restore(other, bytes).catch((it: unknown) => it))).toEqual([
      'could not verify hash file, possibly the snapshot is using a different set of unseal keys; use the snapshot-force API to bypass this check',
    ])
    expect((await other.ask('read', 'kv/a')).body).toMatchObject({ data: { x: 'other' } })
    await restore(other, bytes, true)
    const { operator } = other.server.core
    expect(operator.sealStatus()).toMatchObject({ sealed: true, t: 2, n: 3 })
    for (const key of one.keys.slice(0, 2)) await operator.unseal(key)
    expect((await other.as(one.root)('read', 'kv/a')).body).toMatchObject({ data: { x: 'then' } })
  })

  it('is known after the encryption key was rotated, and after the shares were changed', async () => {
    const at = await withData()
    const bytes = await taken(at)
    await at.ask('write', 'sys/rotate')
    const rekey = at.server.core.operator.rekey()
    const { nonce } = (await rekey.start({ shares: 1, threshold: 1, pgpKeys: [], backup: false, verify: false })).status
    await rekey.update(at.keys[0] as string, nonce)
    await restore(at, bytes)
    // The shares in force are those of then.
    expect(at.server.core.operator.sealStatus().sealed).toBe(true)
    await at.server.core.operator.unseal(at.keys[0] as string)
    expect((await at.ask('read', 'kv/a')).body).toMatchObject({ data: { x: 'then' } })
  })

  it('changes nothing when it is no whole one', async () => {
    const at = await withData()
    const bytes = await taken(at)
    for (const force of [false, true]) {
      const cut = await restore(at, bytes.subarray(0, bytes.length / 2), force).catch((it: unknown) => it)
      expect(wireOf(cut)[0]).toContain('unexpected EOF')
    }
    expect((await at.ask('read', 'kv/a')).body).toMatchObject({ data: { x: 'then' } })
  })
})
