import { goDuration, rfc3339Nano } from '../../../../kernel/index.ts'
import { f, type WireObject } from '../../../../schema/index.ts'
import {
  everyName,
  folderOf,
  gives,
  isRecord,
  op,
  paging,
  route,
  statefulFamily,
  type Family,
  type HandlersOf,
} from '../../../framework/index.ts'
import { faults, type View } from '../../../logical/index.ts'
import { checkMetadataVersion } from './check-and-set.ts'
import { readConfig, unsigned32, type Config } from './config.ts'
import { mergePatch } from './contents.ts'
import { checkedCustomMetadata } from './custom-metadata.ts'
import { deleteContents, deleteKey, keysOf, newKey, readKey, versionSummary, writeKey, type Key } from './key.ts'
import { recallKey, type Mount } from './mount.ts'

const PATH = { path: f.string('Location of the secret.') }
const settings = {
  max_versions: f.int('How many versions to keep; the larger of this and the setting of the mount holds.'),
  cas_required: f.bool('Whether every write must name the version that it replaces, also where the mount does not demand it.'),
  metadata_cas_required: f.bool('Whether every change of these settings must name the one that it replaces (`metadata_cas`).'),
  delete_version_after: f.duration(
    'How long after its making a version is deleted; the shorter of this and the setting of the mount holds.',
  ),
  custom_metadata: f.map('What its owner notes about the key: up to 64 texts.'),
}
const input = {
  ...settings,
  metadata_cas: f.int('Number of the change that this one replaces; 0 for a key without settings. Otherwise it is refused.'),
}
const shown = {
  ...settings,
  delete_version_after: f.string('As a duration: 30m0s.'),
  created_time: f.string('When the key was made.'),
  updated_time: f.string('When a version was written or a setting changed.'),
  current_version: f.int('Number of the newest version.'),
  current_metadata_version: f.int('Number of the last change of the settings.'),
  oldest_version: f.int('Number of the oldest version that pruning has left; 0 while it has left all.'),
  versions: f.map('Facts about each version, by its number.'),
}

const routes = {
  metadata: route('metadata/{path...}', {
    doc: 'The settings of a secret and the facts about its versions.',
    params: PATH,
    upsert: true,
    ops: {
      read: op({ doc: 'Read settings and facts.', gives: gives.data(shown) }),
      list: op({ doc: 'List the names in a folder; folders among them end in a slash.', input: paging, gives: gives.keys }),
      scan: op({ doc: 'List every secret below a folder.', input: paging, gives: gives.keys }),
      write: op({ doc: 'Change the settings that are given.', input, gives: gives.nothing }),
      patch: op({ doc: 'Change the settings that are given, custom metadata name by name.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the secret with all its versions for good.', gives: gives.nothing }),
    },
  }),
  detailed: route('detailed-metadata/{path...}', {
    doc: 'Names with the settings of each.',
    params: PATH,
    ops: {
      list: op({ doc: 'List the names in a folder, and their settings.', input: paging, gives: gives.keys }),
      scan: op({ doc: 'List every secret below a folder, and their settings.', input: paging, gives: gives.keys }),
    },
  }),
}

const summary = (key: Key): WireObject => ({
  cas_required: key.casRequired,
  created_time: rfc3339Nano(key.created),
  current_metadata_version: key.metadataVersion,
  current_version: key.current,
  custom_metadata: key.customMetadata,
  delete_version_after: goDuration(key.deleteVersionAfter),
  max_versions: key.maxVersions,
  metadata_cas_required: key.metadataCasRequired,
  oldest_version: key.oldest,
  updated_time: rfc3339Nano(key.updated),
  versions: Object.fromEntries(Object.entries(key.versions).map(([number, version]) => [number, versionSummary(version)])),
})

/** A folder shows the key of its own name, where there is one. */
async function summaries(mount: Mount, view: View, folder: string, names: readonly string[]): Promise<WireObject> {
  const found: [string, WireObject][] = []
  for (const name of names) {
    const read = await recallKey(mount, view, folder + name.replace(/\/$/, ''))
    found.push([name, read === undefined ? {} : summary(read.key)])
  }
  return Object.fromEntries(found)
}

interface Wish {
  readonly maxVersions?: number
  readonly casRequired?: boolean
  readonly metadataCasRequired?: boolean
  readonly deleteVersionAfter?: number
  readonly customMetadata?: WireObject
}
const isEmpty = (wish: Wish): boolean =>
  wish.maxVersions === undefined &&
  wish.casRequired === undefined &&
  wish.metadataCasRequired === undefined &&
  wish.deleteVersionAfter === undefined &&
  wish.customMetadata === undefined

/** A key may demand more than its mount, not less: such a setting is kept, but means nothing. */
function overruled(wish: Wish, config: Config): readonly string[] {
  const names: string[] = []
  if (config.casRequired && wish.casRequired === false) names.push('cas_required')
  if (config.metadataCasRequired && wish.metadataCasRequired === false) names.push('metadata_cas_required')
  return names.map(name => `"${name}" set to false, but is mandated by backend config. This value will be ignored.`)
}

const orNull = <T extends object>(map: T): T | null => (Object.keys(map).length === 0 ? null : map)

/** A patch is decoded twice by the peer, the second time strictly: what then does not fit is an error of the server. */
function checkPatch(wish: Wish): void {
  for (const [name, value] of Object.entries(wish.customMetadata ?? {})) {
    if (typeof value === 'string' || value === null) continue
    const kind = typeof value === 'boolean' ? 'bool' : 'number'
    throw faults.failedAs({ why: `json: cannot unmarshal ${kind} into Go struct field .custom_metadata.${name} of type string` })
  }
  const count = wish.maxVersions ?? 0
  if (count !== unsigned32(count)) {
    throw faults.failedAs({ why: `json: cannot unmarshal number ${count} into Go struct field .max_versions of type uint32` })
  }
}

export const metadata: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  metadata: {
    async read({ params: { path }, view }) {
      const read = await recallKey(mount, view, path)
      if (read === undefined) throw faults.notFound()
      return { is: 'wire', data: summary(read.key) }
    },

    list: async ({ params: { path }, input, view }) => ({ is: 'keys', keys: await keysOf(view).list(folderOf(path), input) }),
    scan: async ({ params: { path }, view }) => ({ is: 'keys', keys: await everyName(keysOf(view), folderOf(path)) }),

    async write({ params: { path }, input, view, now, warn }) {
      if (!isRecord(path)) throw faults.refused({ why: 'missing path' })
      if (isEmpty(input)) return { is: 'nothing' }
      const { metadataCas, customMetadata: given, maxVersions, ...rest } = input
      const customMetadata = given && orNull(checkedCustomMetadata(given))
      const at = now.getTime()
      const id = mount.host.random.uuid()
      const warnings = await view.transact(async view => {
        const config = await readConfig(view)
        const before = await readKey(view, path)
        checkMetadataVersion(metadataCas, config, before)
        const key = before ?? newKey(id, at)
        await writeKey(view, path, {
          ...key,
          updated: at,
          metadataVersion: key.metadataVersion + 1,
          ...rest,
          ...(maxVersions !== undefined && { maxVersions: unsigned32(maxVersions) }),
          ...(customMetadata !== undefined && { customMetadata }),
        })
        return overruled(input, config)
      })
      for (const text of warnings) warn(text)
      return { is: 'nothing' }
    },

    async patch({ params: { path }, input, raw, view, now, warn }) {
      if (isEmpty(input)) return { is: 'nothing' }
      const { metadataCas, customMetadata: patch, deleteVersionAfter, ...rest } = input
      if (patch !== undefined) checkedCustomMetadata(Object.fromEntries(Object.entries(patch).filter(([, it]) => it !== null)))
      const warnings = await view.transact(async view => {
        const before = await readKey(view, path)
        if (before === undefined) return undefined
        const config = await readConfig(view)
        checkMetadataVersion(metadataCas, config, before)
        checkPatch(input)
        const merged = raw['custom_metadata'] === null ? {} : mergePatch(before.customMetadata ?? {}, patch ?? {})
        await writeKey(view, path, {
          ...before,
          updated: now.getTime(),
          metadataVersion: before.metadataVersion + 1,
          ...rest,
          // a zero changes nothing in a patch: the peer merges it as an empty object
          ...(deleteVersionAfter !== undefined && deleteVersionAfter > 0 && { deleteVersionAfter }),
          customMetadata: orNull(merged) as Key['customMetadata'],
        })
        return overruled(input, config)
      })
      if (warnings === undefined) return { is: 'nothing', status: 404 }
      for (const text of warnings) warn(text)
      return { is: 'nothing' }
    },

    async delete({ params: { path }, view }) {
      await view.transact(async view => {
        const key = await readKey(view, path)
        if (key === undefined) return
        for (const number of Object.keys(key.versions)) await deleteContents(view, key, Number(number))
        await deleteKey(view, path)
      })
      return { is: 'nothing' }
    },

    exists: async ({ params: { path }, view }) => (await readKey(view, path)) !== undefined,
  },

  detailed: {
    async list({ params: { path }, input, view }) {
      const folder = folderOf(path)
      const keys = await keysOf(view).list(folder, input)
      return { is: 'keys', keys, info: await summaries(mount, view, folder, keys) }
    },
    async scan({ params: { path }, view }) {
      const folder = folderOf(path)
      const keys = await everyName(keysOf(view), folder)
      return { is: 'keys', keys, info: await summaries(mount, view, folder, keys) }
    },
  },
}))
