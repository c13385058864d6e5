import { goDuration } from '../../../../kernel/index.ts'
import { f } from '../../../../schema/index.ts'
import { family, gives, op, route, type Family } from '../../../framework/index.ts'
import type { View } from '../../../logical/index.ts'

/** Settings of the mount, which hold beside those of each key. */
export interface Config {
  /** 0: ten. */
  readonly maxVersions: number
  readonly casRequired: boolean
  readonly metadataCasRequired: boolean
  /** Seconds; 0: none; below: no version is deleted by its age, whatever its key says. */
  readonly deleteVersionAfter: number
}

const INITIAL: Config = { maxVersions: 0, casRequired: false, metadataCasRequired: false, deleteVersionAfter: 0 }
const PLACE = 'config'

export async function readConfig(view: View): Promise<Config> {
  const bytes = await view.get(PLACE)
  return bytes === undefined ? INITIAL : (JSON.parse(Buffer.from(bytes).toString()) as Config)
}

/** Counts are unsigned and have 32 bits in the peer, which is to be seen in its answers. */
export const unsigned32 = (count: number): number => count >>> 0

const settings = {
  max_versions: f.int('How many versions of a key to keep; 10 when 0.'),
  cas_required: f.bool('Whether every write must name the version that it replaces (`options.cas`).'),
  metadata_cas_required: f.bool('Whether every change of metadata must name the one that it replaces (`metadata_cas`).'),
  delete_version_after: f.signedDuration(
    'How long after its making a version is deleted; 0 never, below 0 not even where a key asks for it.',
  ),
}

const routes = {
  config: route('config', {
    doc: 'Settings that hold for every key of the mount.',
    ops: {
      read: op({
        doc: 'Read the settings.',
        input: settings,
        gives: gives.data({ ...settings, delete_version_after: f.string('As a duration: 30m0s.') }),
      }),
      write: op({ doc: 'Change the settings that are given.', input: settings, gives: gives.nothing }),
    },
  }),
}

export const config: Family = family(routes, {
  config: {
    async read({ view }) {
      const kept = await readConfig(view)
      return { is: 'data', data: { ...kept, deleteVersionAfter: goDuration(kept.deleteVersionAfter) } }
    },
    async write({ input, view }) {
      if (Object.keys(input).length === 0) return { is: 'nothing' }
      const { maxVersions, deleteVersionAfter, ...flags } = input
      await view.transact(async view => {
        const next: Config = {
          ...(await readConfig(view)),
          ...flags,
          ...(maxVersions !== undefined && { maxVersions: unsigned32(maxVersions) }),
          ...(deleteVersionAfter !== undefined && { deleteVersionAfter: Math.max(deleteVersionAfter, -1) }),
        }
        await view.put(PLACE, Buffer.from(JSON.stringify(next)))
      })
      return { is: 'nothing' }
    },
  },
})
