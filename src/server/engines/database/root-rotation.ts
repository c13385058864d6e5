/**
 * Changes the password of the user that a connection itself logs in as. The new one is in the journal before the database hears of it,
 * and leaves it with the connection's record: whatever is cut off on the way, one of the two opens the database.
 */
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import type { Connection } from './connection.ts'
import { failed } from './connections.ts'
import type { PendingPassword } from './journal.ts'
import { clean, secretsOf } from './live-database.ts'
import type { DatabaseMount } from './mount.ts'
import { newPassword } from './passwords.ts'
import { RefusedByDatabase } from './plugin/index.ts'

const routes = {
  rotateRoot: route('rotate-root/{name}', {
    doc: 'Changes the password of the user that a connection logs in as. Nobody but the server knows it from then on.',
    params: { name: f.name('Name of the connection.') },
    ops: { write: op({ doc: 'Change the password now.', gives: gives.nothing }) },
  }),
}

export const rootRotation: Family<DatabaseMount> = statefulFamily(routes, (mount: DatabaseMount): HandlersOf<typeof routes> => ({
  rotateRoot: {
    write: ({ params: { name }, signal }) =>
      mount.turns.take(`config/${name}`, async () => {
        await rotate(mount, name, signal)
        return { is: 'nothing' }
      }),
  },
}))

async function rotate(mount: DatabaseMount, name: string, signal: AbortSignal): Promise<void> {
  const connection = await mount.connection(name)
  const username = textOf(connection, 'username')
  const old = textOf(connection, 'password')
  await mount.live(name).catch((cause: unknown): never => failed(cause))
  // One that was begun is carried on with: the database may have it already, or get it yet.
  const begun = await mount.records.journal.roots.get(name)
  const password = begun?.username === username ? begun.password : await newPassword(mount.host, { credentialConfig: {} }, connection)
  await mount.records.journal.roots.put(name, { username, password })
  const { rootRotationStatements: statements } = connection
  try {
    await mount.use(name, database => database.changeCredential(username, { type: 'password', password }, statements, signal), [
      old,
      password,
    ])
  } catch (cause) {
    if (cause instanceof RefusedByDatabase) await mount.records.journal.roots.delete(name)
    else if (await settleRoot(mount, name).catch(() => false)) return
    failed(cause, 'failed to update user: ')
  }
  await keep(mount, name, connection, password)
}

function textOf({ details }: Connection, word: 'username' | 'password'): string {
  const value = details[word]
  if (typeof value === 'string' && value !== '') return value
  throw faults.failedAs({ why: `unable to rotate root credentials: no ${word} in configuration` })
}

async function keep(mount: DatabaseMount, name: string, connection: Connection, password: string): Promise<void> {
  await mount.transact(async ({ connections, journal }) => {
    await connections.put(name, { ...connection, details: { ...connection.details, password } })
    await journal.roots.delete(name)
  })
  await mount.drop(name)
}

/**
 * After a change that was cut off: it is made again, with whichever of the two passwords opens the database, since the first may still
 * be on its way. In the connection's turn; true when the new password is in force. Rejects when neither opens the database.
 */
export async function settleRoot(mount: DatabaseMount, name: string): Promise<boolean> {
  const begun = await mount.records.journal.roots.get(name)
  if (begun === undefined) return false
  const connection = await mount.records.connections.get(name)
  if (connection === undefined) {
    await mount.records.journal.roots.delete(name)
    return false
  }
  const changed = { ...connection, details: { ...connection.details, password: begun.password } }
  try {
    await changeWith(mount, connection, begun).catch(async (cause: unknown) => {
      if (cause instanceof RefusedByDatabase) throw cause
      await changeWith(mount, changed, begun)
    })
  } catch (cause) {
    if (!(cause instanceof RefusedByDatabase)) throw clean(cause, [...secretsOf(connection), begun.password])
    await mount.records.journal.roots.delete(name)
    return false
  }
  await keep(mount, name, connection, begun.password)
  return true
}

async function changeWith(mount: DatabaseMount, connection: Connection, { username, password }: PendingPassword): Promise<void> {
  const { database } = await mount.open(connection, true)
  try {
    await database.changeCredential(username, { type: 'password', password }, connection.rootRotationStatements, mount.closing.signal)
  } finally {
    await database.close()
  }
}
