import { describe, expect, it } from 'vitest'
import { kv } from '../../../../src/server/engines/kv/index.ts'
import { memoryView, type View } from '../../../../src/server/logical/index.ts'
import { Mounted, type Answer } from '../../../conformance/engine-replay.ts'
import { reopened, TroubledStorage, unsealedBarrier } from '../../barrier/fixture.ts'

const V2 = { version: '2' }
const version = (answer: Answer): unknown => (answer.reply as { readonly data: { readonly version: number } }).data.version

/** Counts what is read. */
function counted(view: View, reads: string[], base = ''): View {
  return {
    ...view,
    get: key => (reads.push(base + key), view.get(key)),
    sub: prefix => counted(view.sub(prefix), reads, base + prefix),
  }
}

describe('a read of the current version', () => {
  it('costs one record once the mount has read it, and gives the same object', async () => {
    const reads: string[] = []
    const at = new Mounted(kv, V2, counted(memoryView(), reads))
    await at.ask('write', 'data/a', { data: { x: 1 } })
    const first = await at.backend.handle(at.request('read', 'data/a', {}))
    reads.length = 0
    const second = await at.backend.handle(at.request('read', 'data/a', {}))
    expect(reads).toEqual(['keys/a'])
    expect(second).toEqual(first)
    expect('data' in first && 'data' in second && first.data === second.data).toBe(true)
  })

  it('is never stale, whoever wrote, and also when a key is made again within a millisecond', async () => {
    const view = memoryView()
    const [one, other] = [new Mounted(kv, V2, view), new Mounted(kv, V2, view)]
    const now = one.clock.now()
    const ask = async (at: Mounted, op: 'read' | 'write' | 'delete', path: string, data = {}): Promise<unknown> => {
      const outcome = await at.backend.handle({ ...at.request(op, path, data), now })
      return outcome.is === 'data' ? outcome.data : undefined
    }
    for (const x of [1, 2, 3]) {
      await ask(one, 'write', 'data/a', { data: { x } })
      expect(await ask(other, 'read', 'data/a')).toMatchObject({ data: { x }, metadata: { version: 1 } })
      await ask(one, 'delete', 'metadata/a')
    }
  })

  it('comes again when its version is pruned under it', async () => {
    const inner = memoryView()
    const at = new Mounted(kv, V2, inner)
    await at.ask('write', 'metadata/a', { max_versions: 1 })
    await at.ask('write', 'data/a', { data: { x: 1 } })
    // another process, whose read of the key is followed by a write of ours
    let interfere = true
    const late = (view: View, base = ''): View => ({
      ...view,
      async get(key) {
        const bytes = await view.get(key)
        if (base + key === 'keys/a' && interfere) {
          interfere = false
          await at.ask('write', 'data/a', { data: { x: 2 } })
        }
        return bytes
      },
      sub: prefix => late(view.sub(prefix), base + prefix),
    })
    const reader = new Mounted(kv, V2, late(inner))
    expect((await reader.ask('read', 'data/a')).reply).toMatchObject({ data: { data: { x: 2 }, metadata: { version: 2 } } })
  })

  it('says so when the record of a version is lost', async () => {
    const at = new Mounted(kv, V2)
    await at.ask('write', 'data/a', { data: { x: 1 } })
    const [folder] = await at.view.list('versions/')
    await at.view.delete(`versions/${folder}1`)
    const errors = ['1 error occurred:\n\t* could not find version data\n\n']
    expect(await at.ask('read', 'data/a')).toEqual({ status: 500, reply: { errors } })
    expect(await at.ask('patch', 'data/a', { data: { y: 1 } })).toEqual({ status: 500, reply: { errors } })
  })
})

describe('writes that come at once', () => {
  it('each make a version of their own', async () => {
    const { barrier } = await unsealedBarrier()
    const at = new Mounted(kv, V2, barrier.view('logical/kv/'))
    const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => at.ask('write', 'data/a', { data: { n } })))
    expect(answers.map(version).toSorted((a, b) => Number(a) - Number(b))).toEqual(Array.from({ length: 30 }, (_, i) => i + 1))
  })

  it('let one of those win that name the same version', async () => {
    const { barrier } = await unsealedBarrier()
    const at = new Mounted(kv, V2, barrier.view('logical/kv/'))
    const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => at.ask('write', 'data/a', { data: { n }, options: { cas: 0 } })))
    expect(answers.filter(it => it.status === 200)).toHaveLength(1)
    expect(answers.filter(it => it.status === 400)).toHaveLength(19)
  })

  it('lose no setting', async () => {
    const { barrier } = await unsealedBarrier()
    const at = new Mounted(kv, V2, barrier.view('logical/kv/'))
    await Promise.all([
      at.ask('write', 'config', { max_versions: 5 }),
      at.ask('write', 'config', { cas_required: true }),
      at.ask('write', 'config', { delete_version_after: '1h' }),
    ])
    expect(await at.ask('read', 'config')).toEqual({
      status: 200,
      reply: { data: { max_versions: 5, cas_required: true, metadata_cas_required: false, delete_version_after: '1h0m0s' } },
    })
  })
})

describe('a write that the store refuses', () => {
  it('leaves nothing, neither a version nor its facts', async () => {
    const storage = new TroubledStorage()
    const unsealed = await unsealedBarrier({ storage })
    const at = new Mounted(kv, V2, unsealed.barrier.view('logical/kv/'))
    await at.ask('write', 'data/a', { data: { x: 1 } })
    storage.trouble('fail')
    expect((await at.ask('write', 'data/a', { data: { x: 2 } })).status).toBe(500)
    const after = new Mounted(kv, V2, (await reopened(unsealed)).view('logical/kv/'))
    expect((await after.ask('read', 'data/a')).reply).toMatchObject({ data: { data: { x: 1 }, metadata: { version: 1 } } })
    expect((await after.view.list(`versions/${(await after.view.list('versions/'))[0]}`)).length).toBe(1)
  })
})

/**
 * The peer takes `app/` for `app` here, so that a rule for `secret/metadata/app/*` also reads and deletes the key `app`
 * itself. A path that ends in a slash is a folder to us.
 */
describe('a path that ends in a slash', () => {
  it('is never the key of that name', async () => {
    const at = new Mounted(kv, V2)
    await at.ask('write', 'data/app', { data: { x: 1 } })
    for (const path of ['data/app/', 'subkeys/app/', 'metadata/app/']) expect((await at.ask('read', path)).status, path).toBe(404)
    for (const path of ['data/app/', 'metadata/app/']) expect((await at.ask('delete', path)).status, path).toBe(204)
    for (const path of ['delete/app/', 'destroy/app/']) expect((await at.ask('write', path, { versions: [1] })).status, path).toBe(204)
    expect((await at.ask('read', 'data/app')).reply).toMatchObject({ data: { data: { x: 1 } } })
  })
})
