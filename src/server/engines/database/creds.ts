/** Users of dynamic roles: made when their credentials are read, ended with their leases. */
import { seconds, type Json } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf, type SecretKind } from '../../framework/index.ts'
import { effectiveTtl, faults, type Issued } from '../../logical/index.ts'
import { allows, type Connection } from './connection.ts'
import { failed } from './connections.ts'
import type { PendingUser } from './journal.ts'
import { messageOf } from './live-database.ts'
import type { DatabaseMount } from './mount.ts'
import { newPassword } from './passwords.ts'
import { type Database, RefusedByDatabase } from './plugin/index.ts'
import type { Role } from './role.ts'
import { nameFrom } from './usernames.ts'

const routes = {
  creds: route('creds/{name}', {
    doc: 'A user of its own for whoever asks, under a lease.',
    params: { name: f.name('Name of the role.') },
    ops: {
      read: op({
        doc: 'Make a user and read its credentials.',
        gives: gives.lease({ username: f.string('Name of the user.'), password: f.string('Its password.', { secret: true }) }),
      }),
    },
  }),
}

/** What is kept with the lease. The role may change or go meanwhile; the user is where it was made. */
interface UserFacts {
  readonly username: string
  readonly role: string
  readonly db_name: string
  readonly revocation_statements: readonly string[]
  /** Epoch milliseconds. */
  readonly issued: number
  /** Of its entry in the journal. */
  readonly journal: string
}

/** The database shall not end a user before its lease does; the two are computed at slightly different moments. */
const GRACE_MS = 5000

const timesOf = (role: Role): { readonly backendTtl: number; readonly backendMaxTtl: number } => ({
  backendTtl: role.defaultTtl,
  backendMaxTtl: role.maxTtl,
})

/** @throws the fault that the peer has for it */
export function checkAllowed(connection: Connection, role: string): void {
  if (!allows(connection, role)) throw faults.failedAs({ why: `${JSON.stringify(role)} is not an allowed role` })
}

export const creds: Family<DatabaseMount> = statefulFamily(routes, (mount: DatabaseMount): HandlersOf<typeof routes> => {
  const { records, host } = mount

  /** Written down before it is made, and taken back if it could not be. */
  const create = async (id: string, pending: PendingUser, make: (database: Database) => Promise<void>, secret: string): Promise<void> => {
    await records.journal.users.put(id, pending)
    try {
      await mount.use(pending.dbName, make, [secret])
    } catch (cause) {
      if (cause instanceof RefusedByDatabase) await records.journal.users.delete(id)
      // Else only the database knows whether there is a user now. If it cannot be asked now, the journal is.
      else await undo(mount, id, pending).catch(() => undefined)
      failed(cause)
    }
  }

  return {
    creds: {
      async read({ params, caller, now, signal }) {
        const role = await records.roles.get(params.name)
        if (role === undefined) throw faults.refused({ why: `unknown role: ${params.name}` })
        checkAllowed(await mount.connection(role.dbName), params.name)
        const live = await mount.live(role.dbName).catch((cause: unknown): never => failed(cause))
        if (role.credentialType !== 'password' || !live.plugin.credentialTypes.includes(role.credentialType))
          throw faults.refused({ why: `unsupported credential_type: "${role.credentialType}"` })
        const { ttl } = effectiveTtl(host.leaseDefaults(), { ...timesOf(role), now: now.getTime() })
        const password = await newPassword(host, role, live.connection)
        const facts = { displayName: caller.token?.displayName ?? '', roleName: params.name }
        const username = named(() => nameFrom(live.usernames, facts, host))
        const id = host.random.uuid()
        const pending: PendingUser = {
          username,
          dbName: role.dbName,
          revocation: role.revocation,
          rollback: role.rollback,
          created: now.getTime(),
          life: mount.life,
        }
        const user = {
          username,
          credential: { type: 'password', password },
          expiration: new Date(now.getTime() + ttl * 1000 + GRACE_MS),
          statements: role.creation,
        } as const
        await create(id, pending, database => database.createUser(user, signal), password)
        const internal: UserFacts = {
          username,
          role: params.name,
          db_name: role.dbName,
          revocation_statements: role.revocation,
          issued: now.getTime(),
          journal: id,
        }
        const secret: Issued = {
          kind: 'creds',
          internal: { ...internal },
          ttl: seconds(role.defaultTtl),
          maxTtl: seconds(role.maxTtl),
          renewable: true,
          async settle(view) {
            // Gone already: somebody took it for left behind, and the user with it.
            if ((await view.get(`journal/users/${id}`)) === undefined) throw faults.internal()
            await view.delete(`journal/users/${id}`)
          },
        }
        return { is: 'lease', data: { username, password }, secret }
      },
    },
  }
})

function named<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    return failed(cause)
  }
}

const reasonOf = (cause: unknown): string =>
  typeof cause === 'object' && cause !== null && 'wire' in cause ? (cause.wire as readonly string[]).join('; ') : messageOf(cause)

const usernameIn = (internal: Json): unknown => (internal as { readonly username?: unknown } | null)?.username

/** Longer than any request, and any statement of one, may take. */
export const ABANDONED_MS: number = 5 * 60_000

/**
 * Takes back a user that no lease was stored for; true when that is done with. A user that is not there may still come, as long as the
 * database may be at the statement that makes it. Rejects when the database cannot be asked.
 */
export async function undo(mount: DatabaseMount, id: string, pending: PendingUser): Promise<boolean> {
  const { username, dbName, rollback, revocation } = pending
  const statements = rollback.some(it => it !== '') ? rollback : revocation
  const { signal } = mount.closing
  // A connection that was deleted by force has taken its users with it, as far as we can tell.
  const isKnown = (await mount.records.connections.get(dbName)) !== undefined
  // A template without chance in it: the name is that of somebody who has it by right.
  const isTaken = await mount.host.leases.some('creds/', internal => usernameIn(internal) === username)
  const found =
    isTaken ||
    (isKnown &&
      (await mount.use(dbName, async database => {
        if (!(await database.hasUser(username, signal))) return false
        await remove(database, username, statements, signal)
        return true
      })))
  const isOver = found || !isKnown || mount.host.clock.now().getTime() - pending.created >= ABANDONED_MS
  if (isOver) await mount.records.journal.users.delete(id)
  return isOver
}

/** A user that is gone is success, whatever its role's statements say to that. */
async function remove(database: Database, username: string, statements: readonly string[], signal: AbortSignal): Promise<void> {
  try {
    await database.deleteUser(username, statements, signal)
  } catch (cause) {
    if (statements.length === 0 || (await database.hasUser(username, signal))) throw cause
  }
}

export const userSecret: SecretKind<DatabaseMount> = {
  name: 'creds',
  doc: 'A user of a database.',
  async renew(mount, internal, increment, { now, signal }) {
    const { username, role: name, db_name: dbName, issued } = internal as unknown as UserFacts
    const role = await mount.records.roles.get(name)
    if (role === undefined) throw faults.failed({ why: `error during renew: could not find role with name ${JSON.stringify(name)}` })
    const { ttl } = effectiveTtl(mount.host.leaseDefaults(), {
      increment: increment ?? 0,
      ...timesOf(role),
      start: issued,
      now: now.getTime(),
    })
    const expiration = new Date(now.getTime() + ttl * 1000 + GRACE_MS)
    await shown(mount.use(dbName, database => database.renewUser(username, expiration, role.renewal, signal)))
    return { ttl: seconds(role.defaultTtl), maxTtl: seconds(role.maxTtl) }
  },
  async revoke(mount, internal, { signal }) {
    const { username, role: name, db_name: dbName, revocation_statements: kept, journal } = internal as unknown as UserFacts
    // A role that speaks to another database now has no statements for this user.
    const role = await mount.records.roles.get(name)
    const statements = role?.dbName === dbName ? role.revocation : kept
    await shown(mount.use(dbName, database => remove(database, username, statements, signal)))
    // There only when the lease was never stored.
    if ((await mount.records.journal.users.get(journal)) !== undefined) await mount.records.journal.users.delete(journal)
  },
}

/** For core, which words what an engine says against a lease. */
async function shown<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (cause) {
    throw faults.failed({ why: bare(cause) }, { cause })
  }
}

/** Without the wording of an error list. */
const bare = (cause: unknown): string => reasonOf(cause).replace(/^1 error occurred:\n\t\* (failed to find entry.*)\n\n$/s, '$1')
