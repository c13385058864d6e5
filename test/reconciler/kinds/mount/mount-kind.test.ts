import { describe, expect, it } from 'vitest'
import { mountKind, observeMounts } from '../../../../src/reconciler/kinds/mount/index.ts'
import { type Address, type Change, type LiveObject, type Values } from '../../../../src/reconciler/model/index.ts'
import { FakeTarget, Refused } from '../../harness/fake-target.ts'
import { workspace } from '../../harness/repository.ts'

const kvAddress = 'engine/kv/' as Address

function desired(text: string): Values {
  const { resources } = workspace({ 'engines/kv.yaml': text })
  return resources.get(kvAddress)?.values ?? {}
}

const subject = { address: kvAddress, kind: 'mount', type: 'kv' } as const
const change = (values: Values, live?: LiveObject, changed: readonly string[] = []): Change => ({
  subject,
  values,
  changed,
  compareAndSet: false,
  ...(live === undefined ? {} : { live }),
})

const tuned = 'type: kv-v2\ndescription: d\ntune: { max_lease_ttl: 2h, listing_visibility: unauth, passthrough_request_headers: [B, A] }\n'

describe('mounts', () => {
  it('are as the files say once they are created', async () => {
    const target = new FakeTarget()
    await mountKind.create(target, change(desired(tuned)))
    expect((await mountKind.read(target, subject, []))?.values).toEqual(desired(tuned))
  })

  it('are tuned in place, back to the defaults too', async () => {
    const target = new FakeTarget()
    await mountKind.create(target, change(desired(tuned)))
    const live = await mountKind.read(target, subject, [])
    const changed = ['description', 'tune.max_lease_ttl', 'tune.listing_visibility', 'tune.passthrough_request_headers']
    await mountKind.update(target, change(desired('type: kv-v2\n'), live, changed))
    expect((await mountKind.read(target, subject, []))?.values).toEqual(desired('type: kv-v2\n'))
    expect(target.writes.at(-1)).toBe('POST sys/mounts/kv/tune')
  })

  it('are told to be without an option that was taken out', async () => {
    const target = new FakeTarget()
    await mountKind.create(target, change(desired('type: kv-v2\noptions: { team: a }\n')))
    const live = await mountKind.read(target, subject, [])
    await mountKind.update(target, change(desired('type: kv-v2\n'), live, ['options']))
    expect((await mountKind.read(target, subject, []))?.values['options']).toEqual({ version: '2' })
  })

  it.each([
    ['another type', 'type: kv\n', 'type: transit\n', ['type'], 'a mount of type kv cannot become one of type transit'],
    ['locality', 'type: kv\n', 'type: kv\nlocal: true\n', ['local'], 'local can only be said when a mount is created'],
    ['a lower version', 'type: kv-v2\n', 'type: kv\n', ['options'], 'version 2 cannot become version 1 in place'],
    ['a higher version', 'type: kv\n', 'type: kv-v2\n', ['options'], undefined],
    ['another description', 'type: kv\n', 'type: kv\ndescription: x\n', ['description'], undefined],
  ])('are made anew for %s only where there is no other way', (_what, before, after, changed, expected) => {
    expect(mountKind.replacement(subject, desired(before), desired(after), changed)).toBe(expected)
  })

  it('are absent only if their table does not name them', async () => {
    const target = new FakeTarget()
    expect(await mountKind.read(target, subject, [])).toBeUndefined()
    await mountKind.create(target, change(desired('type: kv\n')))
    target.before = request => {
      if (request === 'GET sys/mounts/kv') throw new Refused(400, 'something else')
    }
    await expect(mountKind.read(target, subject, [])).rejects.toThrow('something else')
  })

  it('are never taken for an empty table', async () => {
    const target = new FakeTarget()
    target.mounts.engine.clear()
    await expect(observeMounts(target, 'engine')).rejects.toThrow('sys/mounts names no mounts')
  })

  it('that are none of ours may answer as they like', async () => {
    const target = new FakeTarget()
    await mountKind.create(target, change(desired('type: kv\n')))
    const mount = target.mounts.engine.get('kv')
    if (mount !== undefined) mount.config['listing_visibility'] = 'sometimes'
    const mounts = await observeMounts(target, 'engine')
    expect(mounts.get(kvAddress)?.type).toBe('kv')
    expect(() => mounts.get(kvAddress)?.live()).toThrow('the answer for engine/kv/: tune.listing_visibility is not understood')
  })
})
