import { f, type WireObject } from '../../../../schema/index.ts'
import { gives, isRecord, op, route, statefulFamily, type Family, type HandlersOf } from '../../../framework/index.ts'
import { faults, type View } from '../../../logical/index.ts'
import { checkVersion } from './check-and-set.ts'
import { readConfig, type Config } from './config.ts'
import { masked, mergePatch, parseContents, textOfContents } from './contents.ts'
import { deleteContents, isLive, newKey, readContents, readKey, versionFacts, writeContents, writeKey, type Key } from './key.ts'
import { withDeleted, withVersion } from './life-cycle.ts'
import { recallKey, type Mount, type ReadKey } from './mount.ts'

const PATH = { path: f.string('Location of the secret.') }
const VERSION = f.int('Which version; the current one when 0 or less.')
const facts = {
  created_time: f.string('When the version was made.'),
  custom_metadata: f.map('What its owner notes about the key.'),
  deletion_time: f.string('When the version was or will be deleted; empty when it will not be.'),
  destroyed: f.bool('Whether its data is gone for good.'),
  version: f.int('Number of the version.'),
}
const METADATA = f.object('Facts about the version.', facts)
const write = {
  data: f.map('The fields of the secret.'),
  options: f.map('`cas`: the version that the write replaces, 0 for a key without versions. Otherwise the write is refused.'),
  version: f.int('Means nothing in a write.'),
}

const routes = {
  secret: route('data/{path...}', {
    doc: 'A secret and its versions.',
    params: PATH,
    upsert: true,
    ops: {
      read: op({
        doc: 'Read a version; one that is deleted or destroyed shows as 404 with its facts.',
        input: { version: VERSION },
        gives: gives.data({ data: f.map('The fields of the secret.'), metadata: METADATA }),
      }),
      write: op({ doc: 'Write a further version.', input: write, gives: gives.data(facts) }),
      patch: op({
        doc: 'Write a further version: the current one, merged with the data (RFC 7396).',
        input: write,
        gives: [gives.data(facts), gives.nothing],
      }),
      delete: op({ doc: 'Delete the current version, so that it can be restored.', gives: gives.nothing }),
    },
  }),
  subkeys: route('subkeys/{path...}', {
    doc: 'The names in a secret, without its values.',
    params: PATH,
    ops: {
      read: op({
        doc: 'Read the names in a version; every value shows as null.',
        input: { version: VERSION, depth: f.int('How many levels to show; all of them when 0.') },
        gives: gives.data({ subkeys: f.map('The names.'), metadata: METADATA }),
      }),
    },
  }),
}

type Show = (contents: WireObject | null) => WireObject | null

/** A version as an answer; `name` is what its contents are called there. */
async function showVersion(
  read: ReadKey,
  view: View,
  wanted: number | undefined,
  now: Date,
  name: 'data' | 'subkeys',
  show: Show,
): Promise<{ readonly is: 'wire'; readonly data: WireObject; readonly status?: number } | undefined> {
  const { key } = read
  const number = wanted !== undefined && wanted > 0 ? wanted : key.current
  const version = key.versions[number]
  if (version === undefined) throw faults.notFound()
  if (!isLive(version, now.getTime())) {
    return { is: 'wire', status: 404, data: { [name]: null, metadata: versionFacts(key, number, version) } }
  }
  const keep = name === 'data' && number === key.current
  if (keep && read.current !== undefined) return { is: 'wire', data: read.current }
  const text = await readContents(view, key, number)
  if (text === undefined) return undefined
  const data = { [name]: show(parseContents(text)), metadata: versionFacts(key, number, version) }
  if (keep) read.current = data
  return { is: 'wire', data }
}

/**
 * Reads outside of a transaction: two records at most, one when the key is known. Between the two a version may be
 * pruned or destroyed; then the key has changed, and is read again.
 */
async function readVersion(
  mount: Mount,
  view: View,
  path: string,
  ...how: [wanted: number | undefined, now: Date, name: 'data' | 'subkeys', show: Show]
): Promise<{ readonly is: 'wire'; readonly data: WireObject; readonly status?: number }> {
  for (let attempt = 0; attempt < 5; attempt++) {
    const read = await recallKey(mount, view, path)
    if (read === undefined) throw faults.notFound()
    const reply = await showVersion(read, view, ...how)
    if (reply !== undefined) return reply
  }
  throw faults.failedAs({ why: 'could not find version data' })
}

/** Inside a transaction. Gives the facts of what was written. */
async function addVersion(view: View, path: string, before: Key, config: Config, text: string, now: number): Promise<WireObject> {
  const { key, pruned } = withVersion(before, config, now)
  await writeContents(view, key, key.current, text)
  await writeKey(view, path, key)
  for (const number of pruned) await deleteContents(view, key, number)
  const version = key.versions[key.current]
  return version === undefined ? {} : versionFacts(key, key.current, version)
}

const same: Show = contents => contents

export const data: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  secret: {
    read: ({ params: { path }, input, view, now }) => readVersion(mount, view, path, input.version, now, 'data', same),

    async write({ params: { path }, input, raw, view, now }) {
      if (!isRecord(path)) throw faults.refused({ why: 'missing path' })
      if (input.data === undefined) throw faults.refused({ why: 'no data provided' })
      // null is data too: it is kept, and read back as null
      const text = textOfContents(raw['data'] === null ? null : input.data)
      const id = mount.host.random.uuid()
      const data = await view.transact(async view => {
        const config = await readConfig(view)
        const key = (await recallKey(mount, view, path))?.key ?? newKey(id, now.getTime())
        checkVersion(input.options, config, key)
        return addVersion(view, path, key, config, text, now.getTime())
      })
      return { is: 'wire', data }
    },

    async patch({ params: { path }, input, raw, view, now }) {
      const patch = input.data
      if (patch === undefined) throw faults.refused({ why: 'no data provided' })
      return view.transact(async view => {
        const key = await readKey(view, path)
        if (key === undefined) return { is: 'nothing', status: 404 }
        const config = await readConfig(view)
        checkVersion(input.options, config, key)
        const version = key.versions[key.current]
        if (version === undefined) return { is: 'nothing', status: 404 }
        if (!isLive(version, now.getTime())) return { is: 'wire', status: 404, data: versionFacts(key, key.current, version) }
        const text = await readContents(view, key, key.current)
        if (text === undefined) throw faults.failedAs({ why: 'could not find version data' })
        const before = parseContents(text)
        if (before === null) throw faults.failedAs({ why: 'resource does not exist' })
        const after = raw['data'] === null ? null : mergePatch(before, patch)
        return { is: 'wire', data: await addVersion(view, path, key, config, textOfContents(after), now.getTime()) }
      })
    },

    async delete({ params: { path }, view, now }) {
      await view.transact(async view => {
        const key = await readKey(view, path)
        const version = key?.versions[key.current]
        if (key === undefined || version === undefined || !isLive(version, now.getTime())) return
        await writeKey(view, path, withDeleted(key, [key.current], now.getTime()))
      })
      return { is: 'nothing' }
    },

    exists: async ({ params: { path }, view }) => (await readKey(view, path)) !== undefined,
  },

  subkeys: {
    read: ({ params: { path }, input, view, now }) =>
      readVersion(mount, view, path, input.version, now, 'subkeys', it => it && masked(it, input.depth ?? 0)),
  },
}))
