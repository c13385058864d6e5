import { f } from '../../../schema/index.ts'
import { gives, grantBy, isFrom, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type Host } from '../../logical/index.ts'
import { decoy, matches } from './password.ts'
import { users, type User } from './users.ts'

const routes = {
  login: route('login/{username}', {
    doc: 'Logs in with a user name and a password.',
    access: 'public',
    params: { username: f.name('Name of the user; upper and lower case are one.') },
    ops: {
      write: op({
        doc: 'Log in.',
        input: { password: f.string('Password of the user.', { secret: true }) },
        gives: gives.auth,
      }),
    },
  }),
}

/** What a mount keeps in memory. */
export interface Mount {
  readonly host: Host
  /** Made at the first login, and again when the making failed. */
  decoy: Promise<string> | undefined
}

/** One text for both, so that nobody learns who exists. */
const WRONG = 'invalid username or password'

function decoyOf(mount: Mount): Promise<string> {
  mount.decoy ??= decoy(mount.host.random).catch((cause: unknown) => {
    mount.decoy = undefined
    throw cause
  })
  return mount.decoy
}

export const loginRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  login: {
    async write({ params, input, view, caller }) {
      const name = params.username.toLowerCase()
      const password = input.password ?? ''
      if (password === '') throw faults.failed({ why: 'missing password' })
      const user = await users(view).get(name)
      // Both ways read the decoy, so that neither is quicker by it.
      const nobody = await decoyOf(mount)
      const right = await matches(password, user?.passwordHash ?? nobody)
      if (user === undefined) throw faults.refused({ why: WRONG })
      if (!right) throw faults.credentialsRefused({ why: WRONG })
      checkAddress(user, caller.remoteAddress)
      const metadata = { username: name }
      return {
        is: 'auth',
        grant: { ...grantBy(user, caller.remoteAddress), displayName: name, metadata, alias: { name }, internal: metadata },
      }
    },
  },
}))

/** Of a login; a user's name is known in one spelling. */
export function loginAlias(path: string): string | undefined {
  return /^login\/([^/]+)$/.exec(path)?.[1]?.toLowerCase()
}

function checkAddress(user: User, address: string): void {
  const blocks = user.tokenBoundCidrs ?? []
  if (blocks.length > 0 && !isFrom(address, blocks)) throw faults.tokenRefused()
}
