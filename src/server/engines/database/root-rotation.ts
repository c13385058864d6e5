/**
 * Changes the password of the user that a connection itself logs in as. The new one is in the journal before the database hears of it,
 * and leaves it with the connection's record: whatever is cut off on the way, one of the two opens the database.
 */
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import type { Connection } from './connection.ts'
import { failed } from './connections.ts'
import { clean, messageOf, secretsOf } from './live-database.ts'
import type { DatabaseMount } from './mount.ts'
import { newPassword } from './passwords.ts'

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
  const password = await newPassword(mount.host, { credentialConfig: {} }, connection)
  await mount.records.journal.roots.put(name, { username, password })
  const { rootRotationStatements: statements } = connection
  await mount
    .use(name, database => database.changeCredential(username, { type: 'password', password }, statements, signal), [old, password])
    .catch(async (cause: unknown): Promise<never> => {
      // It may have been changed all the same: the journal's keeper finds out, and that is now.
      await settleRoot(mount, name).catch(() => undefined)
      return failed(cause, 'failed to update user: ')
    })
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

/** After a change that was cut off: which of the two passwords is it? In the connection's turn. Rejects when neither opens the database. */
export async function settleRoot(mount: DatabaseMount, name: string): Promise<void> {
  const begun = await mount.records.journal.roots.get(name)
  if (begun === undefined) return
  const connection = await mount.records.connections.get(name)
  if (connection === undefined) return mount.records.journal.roots.delete(name)
  const opens = async (tried: Connection): Promise<string> => {
    try {
      const { database } = await mount.open(tried, true)
      await database.close()
      return ''
    } catch (cause) {
      return messageOf(clean(cause, [...secretsOf(tried), begun.password]))
    }
  }
  if ((await opens(connection)) === '') return mount.records.journal.roots.delete(name)
  const changed = { ...connection, details: { ...connection.details, password: begun.password } }
  const why = await opens(changed)
  if (why !== '') throw new Error(why)
  await keep(mount, name, connection, begun.password)
}
