import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, isFault } from '../../logical/index.ts'
import { hasPassword, newConnection, shownConnection, type Connection } from './connection.ts'
import { clean, messageOf, secretsOf } from './live-database.ts'
import type { DatabaseMount } from './mount.ts'
import { canonicalVersion } from './version.ts'

const own = {
  plugin_name: f.string('The kind of database, such as `postgresql-database-plugin`.'),
  plugin_version: f.string('The version of the plugin; those built in have one only.'),
  allowed_roles: f.strings('Roles that may use it; `*` stands for any text. None when empty.'),
  root_rotation_statements: f.texts('Statements that change the password of the user that the connection itself logs in as.'),
  password_policy: f.string('The password policy for its users, where a role names none.'),
  verify_connection: f.bool('Whether to connect before anything is kept.').default(true),
}
const { plugin_name, plugin_version, allowed_roles, password_policy } = own
const name = { name: f.name('Name of the connection.') } as const

const routes = {
  connections: route('config', {
    doc: 'The names of all connections.',
    ops: { list: op({ doc: 'List the connections.', gives: gives.keys }) },
  }),
  connection: route('config/{name}', {
    doc: 'A connection to a database, with a pool of its own.',
    params: name,
    upsert: true,
    ops: {
      read: op({
        doc: 'Read the connection, without its password.',
        gives: gives.data({
          allowed_roles,
          connection_details: f.map('What was given beside the words of the engine.'),
          password_policy,
          plugin_name,
          plugin_version,
          root_credentials_rotate_statements: own.root_rotation_statements,
        }),
      }),
      write: op({
        doc: 'Make the connection, or change what is given. What the engine does not know goes to the plugin.',
        input: own,
        gives: gives.nothing,
      }),
      delete: op({
        doc: 'Delete the connection. Refused while users that it made are alive, since nothing could end them any more.',
        input: { force: f.bool('Delete it all the same.').default(false) },
        gives: gives.nothing,
      }),
    },
  }),
  reset: route('reset/{name}', {
    doc: 'Closes a connection and opens it anew.',
    params: name,
    ops: { write: op({ doc: 'Close the connection and open it anew.', gives: gives.nothing }) },
  }),
  reload: route('reload/{plugin_name}', {
    doc: 'Closes all connections of a plugin and opens them anew.',
    params: { plugin_name: f.name('Name of the plugin.') },
    ops: {
      write: op({
        doc: 'Close the connections and open them anew.',
        gives: gives.data({ connections: f.strings('Those that were opened anew.'), count: f.int('How many they are.') }),
      }),
    },
  }),
}

type Input = { readonly [N in 'pluginName' | 'pluginVersion' | 'passwordPolicy']?: string } & {
  readonly allowedRoles?: readonly string[]
  readonly rootRotationStatements?: readonly string[]
}

function changed(before: Connection, input: Input, raw: Readonly<Record<string, unknown>>): Connection {
  const pluginName = input.pluginName ?? before.pluginName
  if (pluginName === '') throw faults.refused({ why: 'empty plugin name' })
  const words = new Set<string>([...Object.keys(own), 'name'])
  const details = Object.entries(raw).filter(([word]) => !words.has(word))
  return {
    pluginName,
    pluginVersion: versionOf(input.pluginVersion ?? before.pluginVersion),
    allowedRoles: input.allowedRoles ?? before.allowedRoles,
    rootRotationStatements: input.rootRotationStatements?.map(it => it.trim()) ?? before.rootRotationStatements,
    passwordPolicy: input.passwordPolicy ?? before.passwordPolicy,
    details: { ...before.details, ...Object.fromEntries(details) },
  }
}

function versionOf(text: string): string {
  try {
    return canonicalVersion(text)
  } catch (cause) {
    throw faults.refused({ why: messageOf(cause) }, { cause })
  }
}

const PASSWORD_IN_URL =
  'Password found in connection_url, use a templated url to enable root rotation and prevent read access to password information.'

export const connections: Family<DatabaseMount> = statefulFamily(routes, (mount: DatabaseMount): HandlersOf<typeof routes> => {
  const { records, turns, host } = mount
  const stored = records.connections

  const write = async (at: string, wish: Connection, verify: boolean): Promise<void> => {
    const opened = await mount.open(wish, verify).catch((cause: unknown): never => {
      throw faults.refused({ why: `error creating database object: ${messageOf(clean(cause, secretsOf(wish)))}` })
    })
    try {
      await mount.transact(async ({ connections: all, journal }) => {
        await all.put(at, wish)
        // Whoever writes the connection says what the password is.
        await journal.roots.delete(at)
      })
    } catch (cause) {
      await opened.database.close()
      throw cause
    }
    await mount.replace(at, opened)
  }

  const reopen = async (at: string): Promise<void> => {
    await mount.drop(at)
    await mount.use(at, async () => undefined).catch((cause: unknown): never => failed(cause))
  }

  /** Users that this connection made, and only it can end. */
  const hasUsers = (at: string): Promise<boolean> =>
    host.leases.some('creds/', internal => (internal as { readonly db_name?: unknown } | null)?.db_name === at)

  return {
    connections: { list: async () => ({ is: 'keys', keys: await stored.names() }) },
    connection: {
      exists: async ({ params }) => (await stored.get(params.name)) !== undefined,
      async read({ params }) {
        const found = await stored.get(params.name)
        if (found === undefined) throw faults.notFound()
        return { is: 'wire', data: shownConnection(found, pluginOf(mount, found)) }
      },
      write: ({ params, input, raw, warn }) =>
        turns.take(`config/${params.name}`, async () => {
          const wish = changed((await stored.get(params.name)) ?? newConnection, input, raw)
          await write(params.name, wish, input.verifyConnection)
          const url = wish.details['connection_url']
          if (typeof url === 'string' && hasPassword(url)) warn(PASSWORD_IN_URL)
          return { is: 'nothing' }
        }),
      delete: ({ params, input }) =>
        turns.take(`config/${params.name}`, async () => {
          if (!input.force && (await stored.get(params.name)) !== undefined && (await hasUsers(params.name)))
            throw faults.refused({
              why: `connection "${params.name}" has made users that are still leased, and only it can revoke them: revoke their leases first, or delete it with force=true`,
            })
          await mount.transact(async ({ connections: all, journal }) => {
            await all.delete(params.name)
            await journal.roots.delete(params.name)
          })
          await mount.drop(params.name)
          return { is: 'nothing' }
        }),
    },
    reset: {
      write: ({ params }) =>
        turns.take(`config/${params.name}`, async () => {
          await reopen(params.name)
          return { is: 'nothing' }
        }),
    },
    reload: {
      async write({ params, warn }) {
        const names = await stored.names()
        const reopened: string[] = []
        for (const at of names) {
          if ((await stored.get(at))?.pluginName !== params.pluginName) continue
          await turns.take(`config/${at}`, () => reopen(at))
          reopened.push(at)
        }
        if (reopened.length === 0) warn(`no connections were found for plugin "${params.pluginName}"`)
        return { is: 'data', data: { connections: reopened, count: reopened.length } }
      },
    },
  }
})

/** A plugin that is gone must not keep anybody from reading. */
function pluginOf(mount: DatabaseMount, connection: Connection): ReturnType<DatabaseMount['plugin']> | undefined {
  try {
    return mount.plugin(connection)
  } catch {
    return undefined
  }
}

/** What a database, or the way to it, said against it; a fault is worded already. */
export function failed(cause: unknown, before: string = ''): never {
  if (isFault(cause)) throw cause
  throw faults.failedAs({ why: before + messageOf(cause) }, { cause })
}
