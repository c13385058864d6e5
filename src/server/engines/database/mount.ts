/**
 * What one mount keeps:
 *
 *     config/<name>       a connection
 *     role/<name>         a role; its users come and go with leases
 *     static-role/<name>  a static role; its user stays, its credential changes
 *     journal/…           what is on its way, see journal.ts
 *
 * and in memory the open connections, each a pool. They are opened when first needed, and close with the mount: a seal, a remount or a
 * crash loses none of the above.
 */
import { collection, faults, type Collection, type Host, type View } from '../../logical/index.ts'
import type { Connection } from './connection.ts'
import { type Journal, journalIn } from './journal.ts'
import { LiveDatabase, clean, messageOf, secretsOf, type Opened } from './live-database.ts'
import type { Database, DatabasePlugin } from './plugin/index.ts'
import type { PeriodicWork } from './periodic-work.ts'
import { plugins } from './plugins.ts'
import type { Role, StaticRole } from './role.ts'
import { nameFrom, parseNames } from './usernames.ts'
import { Turns } from './turns.ts'

export interface Records {
  readonly connections: Collection<Connection>
  readonly roles: Collection<Role>
  readonly staticRoles: Collection<StaticRole>
  readonly journal: Journal
}

const recordsIn = (view: View): Records => ({
  connections: collection(view, 'config/'),
  roles: collection(view, 'role/'),
  staticRoles: collection(view, 'static-role/'),
  journal: journalIn(view),
})

export class DatabaseMount {
  readonly host: Host
  readonly records: Records
  /** Of this opening of the mount. */
  readonly life: string
  readonly closing: AbortController = new AbortController()
  /** Changes of one connection, and of one static role, happen one after the other. */
  readonly turns: Turns = new Turns()
  readonly work: PeriodicWork
  readonly #open = new Map<string, Promise<LiveDatabase>>()

  constructor(host: Host, work: (mount: DatabaseMount) => PeriodicWork) {
    this.host = host
    this.work = work(this)
    this.records = recordsIn(host.view)
    this.life = host.random.uuid()
  }

  /** All that `work` changes is kept at once, or nothing. */
  transact<T>(work: (records: Records) => Promise<T>): Promise<T> {
    return this.host.view.transact(view => work(recordsIn(view)))
  }

  /** @throws the fault that says so where there is none */
  async connection(name: string): Promise<Connection> {
    const found = await this.records.connections.get(name)
    if (found === undefined) throw faults.failedAs({ why: `failed to find entry for connection with name: ${JSON.stringify(name)}` })
    return found
  }

  /**
   * Runs `work` on the open connection, which is opened and verified if it is not yet. What it rejects with can be shown: it has no secret
   * of the connection in it, nor one of `secrets`.
   */
  async use<T>(name: string, work: (database: Database, live: LiveDatabase) => Promise<T>, secrets: readonly string[] = []): Promise<T> {
    for (;;) {
      const live = await this.live(name)
      const done = live.use(database => work(database, live), secrets)
      if (done !== undefined) return done
      // Retired in the moment between; there is a new one, or will be.
      if (this.#open.get(name) !== undefined && (await this.#open.get(name)) === live) this.#open.delete(name)
    }
  }

  live(name: string): Promise<LiveDatabase> {
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const opening = this.#openStored(name)
    this.#open.set(name, opening)
    opening.catch(() => {
      if (this.#open.get(name) === opening) this.#open.delete(name)
    })
    return opening
  }

  async #openStored(name: string): Promise<LiveDatabase> {
    const connection = await this.connection(name)
    try {
      return new LiveDatabase(await this.open(connection, true))
    } catch (cause) {
      throw clean(cause, secretsOf(connection))
    }
  }

  /** Not yet anybody's: to be put in place, or closed. Rejects with an Error that may hold secrets. */
  async open(connection: Connection, verify: boolean): Promise<Opened> {
    const plugin = this.plugin(connection)
    const { clock, random } = this.host
    const database = await plugin.open(connection.details, { clock, random })
    try {
      if (verify) await database.verify(this.closing.signal)
      return { connection, plugin, database, usernames: namesOf(connection, plugin, this.host) }
    } catch (cause) {
      await database.close().catch(() => undefined)
      throw cause
    }
  }

  plugin({ pluginName, pluginVersion }: Pick<Connection, 'pluginName' | 'pluginVersion'>): DatabasePlugin {
    const known = Object.hasOwn(plugins, pluginName) && pluginVersion === '' ? plugins[pluginName] : undefined
    if (known !== undefined) return known
    const line = `\t* plugin not found in the catalog: ${pluginName}${pluginVersion === '' ? '' : `, version=${pluginVersion}`}\n`
    throw new Error(`invalid database version: 2 errors occurred:\n${line}${line}\n`)
  }

  /** Puts it in the place of what was open before. */
  async replace(name: string, opened: Opened): Promise<void> {
    const before = this.#open.get(name)
    this.#open.set(name, Promise.resolve(new LiveDatabase(opened)))
    await retire(before)
  }

  /** Closes it, when all who use it have finished; the next who needs it opens it anew. */
  async drop(name: string): Promise<void> {
    const before = this.#open.get(name)
    this.#open.delete(name)
    await retire(before)
  }

  get openNames(): readonly string[] {
    return [...this.#open.keys()]
  }

  async close(): Promise<void> {
    this.closing.abort()
    await this.work.end()
    await this.turns.idle()
    await Promise.all(this.openNames.map(name => this.drop(name)))
  }
}

async function retire(opening: Promise<LiveDatabase> | undefined): Promise<void> {
  const live = await opening?.catch(() => undefined)
  await live?.retire()
}

/** @throws Error in the peer's words */
function namesOf({ details }: Connection, plugin: DatabasePlugin, { clock, random }: Host): Opened['usernames'] {
  const given = details['username_template']
  if (given !== undefined && given !== null && typeof given !== 'string') {
    const type = typeof given === 'boolean' ? 'bool' : typeof given === 'number' ? 'json.Number' : 'map[string]interface {}'
    throw new Error(`failed to retrieve username_template: invalid value at username_template: is a ${type}`)
  }
  const text = given === undefined || given === null || given === '' ? plugin.usernameTemplate : given
  const wording = (before: string, cause: unknown): Error => new Error(before + messageOf(cause), { cause })
  let template: Opened['usernames']
  try {
    template = parseNames(text)
  } catch (cause) {
    throw wording('unable to initialize username template: ', cause)
  }
  try {
    nameFrom(template, { displayName: '', roleName: '' }, { clock, random })
  } catch (cause) {
    throw wording('invalid username template: ', cause)
  }
  return template
}
