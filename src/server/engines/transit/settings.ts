import { f } from '../../../schema/index.ts'
import { family, gives, op, route, type Family, type HandlersOf } from '../../framework/index.ts'
import { collection, faults, type Collection, type View } from '../../logical/index.ts'

const disableUpsert = { disable_upsert: f.bool('Whether encrypt leaves alone a key that is not there, instead of making it.') }
const size = { size: f.int('Keys to remember; 0 for as many as there is room.') }

const routes = {
  keys: route('config/keys', {
    doc: 'What holds for all keys of the mount.',
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(disableUpsert) }),
      write: op({ doc: 'Change it.', input: disableUpsert, gives: gives.data(disableUpsert) }),
    },
  }),
  cache: route('cache-config', {
    doc: 'How many keys are remembered. It is kept, and has no effect: the memory for keys is bounded in bytes.',
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(size) }),
      write: op({ doc: 'Change it.', input: size, gives: gives.data(size) }),
    },
  }),
}

interface Settings {
  readonly disableUpsert?: boolean
  readonly cacheSize?: number
}
const settings = (view: View): Collection<Settings> => collection<Settings>(view, 'config/')
const NAME = 'settings'

export const upsertAllowed = async (view: View): Promise<boolean> => (await settings(view).get(NAME))?.disableUpsert !== true

const change = (view: View, part: Settings): Promise<void> =>
  view.transact(async tx => settings(tx).put(NAME, { ...(await settings(tx).get(NAME)), ...part }))

const handlers: HandlersOf<typeof routes> = {
  keys: {
    async read({ view }) {
      return { is: 'data', data: { disableUpsert: !(await upsertAllowed(view)) } }
    },
    async write({ view, input: { disableUpsert = false } }) {
      await change(view, { disableUpsert })
      return { is: 'data', data: { disableUpsert } }
    },
  },
  cache: {
    async read({ view }) {
      return { is: 'data', data: { size: (await settings(view).get(NAME))?.cacheSize ?? 0 } }
    },
    async write({ view, input: { size = 0 } }) {
      if (size !== 0 && size < 10) throw faults.refused({ why: 'size must be 0 or a value greater or equal to 10' })
      await change(view, { cacheSize: size })
      return { is: 'data', data: { size } }
    },
  },
}

export const settingsRoutes: Family = family(routes, handlers)
