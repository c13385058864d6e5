import { f } from '../../../schema/index.ts'
import { family, gives, op, route, type Family, type HandlersOf } from '../../framework/index.ts'
import { collection, faults, type Collection, type View } from '../../logical/index.ts'
import { rolesOf } from './role.ts'

interface ZeroAddress {
  readonly roles: readonly string[]
}
const kept = (view: View): Collection<ZeroAddress> => collection<ZeroAddress>(view, 'config/')
const NAME = 'zeroaddress'

const fields = { roles: f.strings('Roles for which passwords are made for any address, whatever their blocks say.') }
const routes = {
  zeroAddress: route('config/zeroaddress', {
    doc: 'Roles that take any address.',
    ops: {
      read: op({ doc: 'Read the roles.', gives: gives.data(fields) }),
      write: op({ doc: 'Say which roles.', input: fields, gives: gives.nothing }),
      delete: op({ doc: 'Let no role take any address.', gives: gives.nothing }),
    },
  }),
}

/** undefined: never said. */
export const zeroAddressRoles = async (view: View): Promise<readonly string[] | undefined> => (await kept(view).get(NAME))?.roles

/** A role that is deleted takes no addresses. */
export async function withoutRole(view: View, name: string): Promise<void> {
  const before = await kept(view).get(NAME)
  if (before !== undefined) await kept(view).put(NAME, { roles: before.roles.filter(it => it !== name) })
}

const handlers: HandlersOf<typeof routes> = {
  zeroAddress: {
    async read({ view }) {
      const entry = await kept(view).get(NAME)
      if (entry === undefined) throw faults.notFound()
      return { is: 'wire', data: { roles: entry.roles } }
    },
    async write({ input: { roles = [] }, view }) {
      if (roles.length === 0) throw faults.refused({ why: 'Missing roles' })
      await view.transact(async tx => {
        for (const name of roles) {
          if ((await rolesOf(tx).get(name)) === undefined) throw faults.refused({ why: `Role "${name}" does not exist` })
        }
        await kept(tx).put(NAME, { roles })
      })
      return { is: 'nothing' }
    },
    async delete({ view }) {
      await kept(view).delete(NAME)
      return { is: 'nothing' }
    },
  },
}

export const zeroAddress: Family = family(routes, handlers)
