import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { open, running, type Running } from './running.ts'

interface Entry {
  readonly type: string
  readonly error?: string
  readonly request: { readonly path: string }
}

describe('the audit log', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'audit-'))
  })
  afterEach(() => rm(folder, { recursive: true }))
  const file = (
    path: string,
    to: string = join(folder, path),
  ): { path: string; type: string; description: string; local: boolean; options: { file_path: string } } => ({
    path,
    type: 'file',
    description: '',
    local: false,
    options: { file_path: to },
  })
  const linesOf = async (path: string): Promise<readonly Entry[]> =>
    (await readFile(join(folder, path), 'utf8'))
      .trimEnd()
      .split('\n')
      .map(it => JSON.parse(it) as Entry)
  const withApi = { devices: [], apiCreation: true, prefixAllowed: false }
  const enable = (at: Running, path: string, to?: string): Promise<{ readonly status: number }> =>
    at.ask('write', `sys/audit/${path}`, { type: 'file', options: { file_path: to ?? join(folder, path) } })

  it('holds a request before and after it is done', async () => {
    const at = await running({ audit: withApi })
    await enable(at, 'a')
    await at.ask('write', 'sys/mounts/kv', { type: 'kv' })
    const entries = await linesOf('a')
    expect(entries.slice(2).map(it => [it.type, it.request.path])).toEqual([
      ['request', 'sys/mounts/kv'],
      ['response', 'sys/mounts/kv'],
    ])
  })

  it('refuses devices over the API unless the configuration lets them', async () => {
    const at = await running()
    expect(await at.ask('write', 'sys/audit/a', { type: 'file' })).toMatchObject({
      status: 400,
      errors: ['cannot enable audit device via API; use declarative, config-based audit device management instead'],
    })
  })

  it('fails closed: what no device takes does not happen, and sealing neither', async () => {
    const at = await running({ audit: { ...withApi, devices: [file('a')] } })
    await at.ask('write', 'sys/mounts/kv', { type: 'kv' })
    // From here on no device takes anything: the one that works is replaced by one whose disk is full.
    await rm(join(folder, 'a'))
    const { symlink } = await import('node:fs/promises')
    await symlink('/dev/full', join(folder, 'a'))
    await at.server.reloadAudit?.([file('a')])
    expect(await at.ask('write', 'kv/x', { a: 'b' })).toMatchObject({ status: 500, errors: ['internal error'] })
    expect(await at.ask('read', 'kv/x')).toMatchObject({ status: 500, errors: ['internal error'] })
    expect(await at.ask('read', 'kv/x', {}, { token: 'bad' })).toMatchObject({ status: 500, errors: ['internal error'] })
    expect(await at.ask('write', 'sys/seal')).toMatchObject({ status: 500, errors: ['failed to audit request, cannot continue'] })
    await rm(join(folder, 'a'))
    await writeFile(join(folder, 'a'), '')
    await at.server.reloadAudit?.([file('a')])
    expect(await at.ask('read', 'kv/x')).toMatchObject({ status: 404 })
  })

  it('goes on with one device while another fails', async () => {
    const at = await running({ audit: withApi })
    await enable(at, 'a')
    // The test entry of a full disk fails, so it cannot become a device in the first place.
    expect(await enable(at, 'full', '/dev/full')).toMatchObject({
      status: 400,
      errors: ['audit backend failed test message: no space left on device'],
    })
    expect((await at.ask('read', 'sys/mounts')).status).toBe(200)
  })

  it('makes what the configuration declares, keeps it from the API, and ends it with the declaration', async () => {
    const at = await running({ audit: { ...withApi, devices: [file('a'), file('b')] } })
    await enable(at, 'own')
    expect(await at.ask('delete', 'sys/audit/a')).toMatchObject({ errors: ['cannot disable configuration-managed audit device'] })
    await at.server.reloadAudit?.([file('b')])
    expect(Object.keys((await at.ask('read', 'sys/audit')).body?.['data'] as object)).toEqual(['b/', 'own/'])
    await expect(at.server.reloadAudit?.([file('b', join(folder, 'elsewhere'))])).rejects.toThrow(
      'modifications to audit devices are not allowed',
    )
    expect(Object.keys((await at.ask('read', 'sys/audit')).body?.['data'] as object)).toEqual(['b/', 'own/'])
  })

  it('keeps its devices and their salts over sealing', async () => {
    const at = await running({ audit: withApi })
    await enable(at, 'a')
    const hash = async (): Promise<unknown> => (await at.ask('write', 'sys/audit-hash/a', { input: 'x' })).body?.['data']
    const before = await hash()
    await at.ask('write', 'sys/seal')
    await at.server.core.operator.unseal(at.keys[0] as string)
    expect(await hash()).toEqual(before)
  })

  it('keeps the server sealed when a declared device cannot be had', async () => {
    const { server } = await open({ audit: { ...withApi, devices: [file('a', '/proc/nope')] } })
    await expect(server.core.operator.initialise({ secretShares: 1, secretThreshold: 1 })).rejects.toMatchObject({
      wire: [expect.stringContaining('failed to create new audit device a/: sanity check failed')],
    })
    expect(server.core.operator.sealStatus().sealed).toBe(true)
  })

  /** Everything a request can bring, and everything an answer can hold. */
  describe('holds no secret in clear', () => {
    const MARK = 'planted-marker'

    it('of a request, whatever its data look like (CVE-2025-62513, CVE-2025-62705)', async () => {
      const at = await running({ audit: withApi })
      await enable(at, 'a')
      await at.ask('write', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } })
      const data = { a: MARK, b: [MARK, { c: MARK }], d: { e: { f: [[MARK]] } }, g: Buffer.from(MARK).toString('base64') }
      await at.ask('write', 'kv/data/x', { data })
      await at.ask('read', 'kv/data/x')
      await at.ask('read', 'kv/data/x', { version: MARK })
      await at.ask('write', 'sys/wrapping/wrap', data, { wrap: 60 })
      await at.ask('write', `kv/data/x`, { data, options: { cas: MARK } })
      await at.ask('write', 'auth/token/create', { id: MARK, policies: ['default'], meta: { m: 'shown' } })
      await at.ask('read', 'sys/mounts', {}, { token: MARK })
      const text = await readFile(join(folder, 'a'), 'utf8')
      expect(text).not.toContain(Buffer.from(MARK).toString('base64'))
      expect(text).not.toContain(MARK)
      expect(text).not.toContain(at.root)
    })

    it('of raw answers, which are hashed whole', async () => {
      const at = await running({ audit: withApi })
      await enable(at, 'a')
      await at.ask('read', 'sys/internal/specs/openapi')
      expect(await readFile(join(folder, 'a'), 'utf8')).not.toContain('openapi":"3')
    })

    it('of tokens and accessors (CVE-2024-8365)', async () => {
      const at = await running({ audit: withApi })
      await enable(at, 'a')
      const made = await at.ask('write', 'auth/token/create', {})
      const auth = made.body?.['auth'] as { readonly client_token: string; readonly accessor: string }
      await at.ask('write', 'auth/token/lookup', { token: auth.client_token })
      await at.ask('write', 'auth/token/lookup-accessor', { accessor: auth.accessor })
      const text = await readFile(join(folder, 'a'), 'utf8')
      expect(text).not.toContain(auth.client_token)
      expect(text).not.toContain(auth.accessor)
    })
  })

  it('is written where nothing of it can be run (CVE-2025-6000, CVE-2026-5051)', async () => {
    const at = await running({ audit: withApi })
    const { stat } = await import('node:fs/promises')
    for (const [name, options] of Object.entries({ a: { file_path: join(folder, 'x') }, b: { path: join(folder, 'y') } })) {
      await at.ask('write', `sys/audit/${name}`, { type: 'file', options: { ...options, mode: '0777' } })
      const [path] = Object.values(options)
      expect((await stat(path as string)).mode & 0o111).toBe(0)
    }
    expect(
      await at.ask('write', 'sys/audit/c', { type: 'file', options: { path: join(folder, 'z'), prefix: '#!/bin/sh\n' } }),
    ).toMatchObject({
      errors: ['audit log prefixing is not allowed'],
    })
  })
})
