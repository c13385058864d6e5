import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kv } from '../../src/server/engines/kv/index.ts'
import { Mounted, type Answer } from '../conformance/engine-replay.ts'

/** A key as its documentation tells it, without a store. */
interface ModelVersion {
  readonly data: unknown
  gone?: number
  destroyed?: true
}
interface ModelKey {
  current: number
  oldest: number
  most: number
  after: number
  changes: number
  readonly versions: Map<number, ModelVersion>
}

class Model {
  key: ModelKey | undefined
  most = 0
  after = 0

  #fresh(): ModelKey {
    return { current: 0, oldest: 0, most: 0, after: 0, changes: 0, versions: new Map() }
  }
  #deadline(key: ModelKey, now: number): { gone?: number } {
    const spans = [this.after, key.after].filter(it => it > 0)
    return spans.length === 0 ? {} : { gone: now + Math.min(...spans) * 1000 }
  }
  isLive(version: ModelVersion | undefined, now: number): version is ModelVersion {
    return version !== undefined && version.destroyed !== true && (version.gone === undefined || version.gone > now)
  }
  write(data: unknown, now: number): number {
    const key = (this.key ??= this.#fresh())
    key.current++
    key.versions.set(key.current, { data, ...this.#deadline(key, now) })
    const most = Math.max(key.most, this.most) || 10
    if (key.current - key.oldest >= most) {
      key.oldest = key.current - most + 1
      for (const number of key.versions.keys()) if (number < key.oldest) key.versions.delete(number)
    }
    return key.current
  }
  change(numbers: readonly number[], how: (version: ModelVersion) => void): void {
    for (const number of numbers) {
      const version = this.key?.versions.get(number)
      if (version !== undefined && version.destroyed !== true) how(version)
    }
  }
  delete(numbers: readonly number[], now: number): void {
    this.change(numbers, it => {
      if (this.isLive(it, now)) it.gone = now
    })
  }
  undelete(numbers: readonly number[], now: number): void {
    this.change(numbers, it => {
      delete it.gone
      if (this.key) Object.assign(it, this.#deadline(this.key, now))
    })
  }
  settings(change: { most?: number; after?: number }): void {
    this.key ??= this.#fresh()
    Object.assign(this.key, change)
    this.key.changes++
  }
}

type Command =
  | { readonly do: 'write'; readonly data: unknown; readonly cas?: number }
  | { readonly do: 'patch'; readonly data: Readonly<Record<string, unknown>> }
  | { readonly do: 'delete' | 'drop' }
  | { readonly do: 'deleteVersions' | 'undelete' | 'destroy'; readonly versions: readonly number[] }
  | { readonly do: 'read'; readonly version: number }
  | { readonly do: 'settings' | 'config'; readonly most: number | undefined; readonly after: number | undefined }
  | { readonly do: 'wait'; readonly seconds: number }

const numbers = fc.array(fc.integer({ min: 1, max: 14 }), { minLength: 1, maxLength: 4 })
const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(fc.integer(), fc.string(), fc.constant(null)), { maxKeys: 3 })
const limits = {
  most: fc.option(fc.integer({ min: 0, max: 4 }), { nil: undefined }),
  after: fc.option(fc.integer({ min: 0, max: 30 }), { nil: undefined }),
}
const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('write' as const), data: object }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('write' as const), data: object, cas: fc.integer({ min: 0, max: 8 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('patch' as const), data: object }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('deleteVersions' as const, 'undelete' as const, 'destroy' as const), versions: numbers }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('read' as const), version: fc.integer({ min: 0, max: 14 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('settings' as const, 'config' as const), ...limits }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 20 }) }) },
)

const status = (answer: Answer): number => answer.status
const dataOf = (answer: Answer): Readonly<Record<string, unknown>> =>
  (answer.reply as { readonly data: Readonly<Record<string, unknown>> }).data
const merged = (before: unknown, patch: Readonly<Record<string, unknown>>): unknown =>
  Object.fromEntries(Object.entries({ ...(before as object), ...patch }).filter(([name]) => patch[name] !== null))

async function obey(at: Mounted, model: Model, it: Command): Promise<void> {
  const now = at.clock.now().getTime()
  const { key } = model
  const current = key?.versions.get(key.current)
  switch (it.do) {
    case 'write': {
      const refused = it.cas !== undefined && it.cas !== (key?.current ?? 0)
      const answer = await at.ask('write', 'data/k', { data: it.data, ...(it.cas !== undefined && { options: { cas: it.cas } }) })
      expect(status(answer)).toBe(refused ? 400 : 200)
      if (!refused) expect(dataOf(answer)['version']).toBe(model.write(it.data, now))
      return
    }
    case 'patch': {
      const answer = await at.ask('patch', 'data/k', { data: it.data })
      expect(status(answer)).toBe(model.isLive(current, now) ? 200 : 404)
      if (model.isLive(current, now)) expect(dataOf(answer)['version']).toBe(model.write(merged(current.data, it.data), now))
      return
    }
    case 'delete':
      expect(status(await at.ask('delete', 'data/k'))).toBe(204)
      if (key) model.delete([key.current], now)
      return
    case 'drop':
      expect(status(await at.ask('delete', 'metadata/k'))).toBe(204)
      model.key = undefined
      return
    case 'deleteVersions':
      expect(status(await at.ask('write', 'delete/k', { versions: it.versions }))).toBe(204)
      return model.delete(it.versions, now)
    case 'undelete':
      expect(status(await at.ask('write', 'undelete/k', { versions: it.versions }))).toBe(204)
      return model.undelete(it.versions, now)
    case 'destroy':
      expect(status(await at.ask('write', 'destroy/k', { versions: it.versions }))).toBe(204)
      return model.change(it.versions, version => void (version.destroyed = true))
    case 'read': {
      const answer = await at.ask('read', 'data/k', { version: String(it.version) })
      const version = key?.versions.get(it.version === 0 ? key.current : it.version)
      expect(status(answer)).toBe(model.isLive(version, now) ? 200 : 404)
      if (version) expect(dataOf(answer)['data']).toEqual(model.isLive(version, now) ? version.data : null)
      else expect(answer.reply).toEqual({ errors: [] })
      return
    }
    case 'settings':
    case 'config': {
      const given = {
        ...(it.most !== undefined && { max_versions: it.most }),
        ...(it.after !== undefined && { delete_version_after: it.after }),
      }
      expect(status(await at.ask('write', it.do === 'config' ? 'config' : 'metadata/k', given))).toBe(204)
      const change = { ...(it.most !== undefined && { most: it.most }), ...(it.after !== undefined && { after: it.after }) }
      if (it.do === 'config') Object.assign(model, change)
      else if (Object.keys(change).length > 0) model.settings(change)
      return
    }
    case 'wait':
      return at.clock.advance(it.seconds * 1000)
  }
}

/** All that can be seen of the key, and all that lies in the store. */
async function compare(at: Mounted, model: Model): Promise<void> {
  const now = at.clock.now().getTime()
  const answer = await at.ask('read', 'metadata/k')
  const { key } = model
  if (key === undefined) {
    expect(answer).toEqual({ status: 404, reply: { errors: [] } })
    expect(await at.view.list('versions/')).toEqual([])
    return
  }
  const shown = dataOf(answer)
  expect({ current: shown['current_version'], oldest: shown['oldest_version'], changes: shown['current_metadata_version'] }).toEqual({
    current: key.current,
    oldest: key.oldest,
    changes: key.changes,
  })
  const versions = shown['versions'] as Readonly<Record<string, { readonly deletion_time: string; readonly destroyed: boolean }>>
  const facts = Object.entries(versions).map(([number, it]) => [
    Number(number),
    it.destroyed,
    it.deletion_time === '' ? undefined : Date.parse(it.deletion_time),
  ])
  expect(facts).toEqual([...key.versions].map(([number, it]) => [number, it.destroyed === true, it.gone]))
  for (const [number, version] of key.versions) {
    const read = await at.ask('read', 'data/k', { version: String(number) })
    expect(status(read)).toBe(model.isLive(version, now + 1) ? 200 : 404)
  }
  const [folder] = await at.view.list('versions/')
  const kept = folder === undefined ? [] : await at.view.list(`versions/${folder}`)
  const expected = [...key.versions].filter(([, it]) => it.destroyed !== true).map(([number]) => number)
  expect(kept.map(Number).sort((a, b) => a - b)).toEqual(expected)
}

describe('versions of a kv secret', () => {
  it('live as the model says, whatever is done to them in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 40 }), async commands => {
        const at = new Mounted(kv, { version: '2' })
        const model = new Model()
        for (const each of commands) await obey(at, model, each)
        await compare(at, model)
        await at.reopen()
        await compare(at, model)
      }),
      { numRuns: 300 },
    )
  })
})
