/**
 * Changes the passwords of static roles when they are due.
 *
 * 1. A new password is in the journal before the database hears of it, and leaves it in the transaction that stores it with its role. So
 *    whatever is cut off on the way is taken up with the same password: at no time does the database have one that we do not.
 * 2. What fails is tried again ten seconds later, with the same password.
 */
import { faults, isFault } from '../../logical/index.ts'
import { checkAllowed } from './creds.ts'
import { messageOf } from './live-database.ts'
import type { DatabaseMount } from './mount.ts'
import { newPassword } from './passwords.ts'
import type { StaticRole } from './role.ts'
import { dueTime, isInWindow, nextScheduled } from './schedule.ts'

const RETRY_MS = 10_000

/** In the role's turn. Rejects with a fault; then the role is as it was, but for a new one, which is not there. */
export async function changePassword(
  mount: DatabaseMount,
  name: string,
  role: StaticRole,
  isNew: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { records, host } = mount
  const connection = await mount.connection(role.dbName)
  checkAllowed(connection, name)
  if (role.credentialType !== 'password' || !mount.plugin(connection).credentialTypes.includes(role.credentialType))
    throw faults.failedAs({ why: `unsupported credential_type: "${role.credentialType}"` })
  const begun = isNew ? undefined : await records.journal.statics.get(name)
  const password = begun?.username === role.username ? begun.password : await newPassword(mount.host, role, connection)
  const { username, rotation } = role
  if (password !== begun?.password) await records.journal.statics.put(name, { username, password })
  try {
    const change = async (): Promise<void> =>
      mount.use(role.dbName, database => database.changeCredential(username, { type: 'password', password }, rotation, signal), [
        password,
        role.password,
      ])
    await opened(mount, role.dbName)
    await change().catch((cause: unknown): never => {
      throw faults.failedAs({ why: `error setting credentials: ${messageOf(cause)}` }, { cause })
    })
  } catch (cause) {
    if (isNew) await records.journal.statics.delete(name)
    throw cause
  }
  await mount.transact(async ({ staticRoles, journal }) => {
    await staticRoles.put(name, { ...role, password, lastRotation: host.clock.now().getTime() })
    await journal.statics.delete(name)
  })
}

async function opened(mount: DatabaseMount, name: string): Promise<void> {
  await mount.live(name).catch((cause: unknown): never => {
    throw isFault(cause) ? cause : faults.failedAs({ why: messageOf(cause) }, { cause })
  })
}

const RETRIED = 'unable to finish rotating credentials; retries will continue in the background but it is also safe to retry manually: '

export class Rotation {
  readonly #mount: DatabaseMount
  /** Role to when it is due, in epoch milliseconds; undefined until they were looked up. */
  #due: Map<string, number> | undefined

  constructor(mount: DatabaseMount) {
    this.#mount = mount
  }

  plan(name: string, at: number): void {
    this.#due?.set(name, at)
  }

  forget(name: string): void {
    this.#due?.delete(name)
  }

  /** In the role's turn, because somebody asked for it. */
  async now(name: string, role: StaticRole, signal: AbortSignal): Promise<void> {
    try {
      await this.#change(name, role, signal)
    } catch (cause) {
      if (!isFault(cause)) throw cause
      const [text = ''] = cause.wire
      throw faults.failedAs({ why: RETRIED + withoutList(text) }, { cause })
    }
  }

  async #change(name: string, role: StaticRole, signal: AbortSignal): Promise<void> {
    const { clock } = this.#mount.host
    try {
      await changePassword(this.#mount, name, role, false, signal)
    } catch (cause) {
      this.plan(name, clock.now().getTime() + RETRY_MS)
      throw cause
    }
    this.plan(name, dueTime({ ...role, lastRotation: clock.now().getTime() }))
  }

  /** Changes all that are due. Never rejects for one of them. */
  async run(): Promise<void> {
    const { clock, log } = this.#mount.host
    const due = (this.#due ??= await this.#lookUp())
    const now = clock.now().getTime()
    const ready = [...due].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b)
    for (const [name] of ready) {
      if (this.#mount.closing.signal.aborted) return
      await this.#mount.turns
        .take(`static-role/${name}`, () => this.#rotate(name, now))
        .catch((cause: unknown) =>
          log.write('error', 'unable to rotate credentials in periodic function', { role: name, error: messageOf(cause) }),
        )
    }
  }

  async #rotate(name: string, now: number): Promise<void> {
    const role = await this.#mount.records.staticRoles.get(name)
    if (role === undefined) return this.forget(name)
    const begun = await this.#mount.records.journal.statics.get(name)
    if (begun === undefined && !isInWindow(role, now)) return this.plan(name, nextScheduled(role, now))
    await this.#change(name, role, this.#mount.closing.signal)
  }

  /** What was begun and not finished is due at once. */
  async #lookUp(): Promise<Map<string, number>> {
    const { staticRoles, journal } = this.#mount.records
    const due = new Map<string, number>()
    for (const name of await staticRoles.names()) {
      const role = await staticRoles.get(name)
      if (role !== undefined) due.set(name, dueTime(role))
    }
    for (const name of await journal.statics.names()) {
      if (due.has(name)) due.set(name, 0)
      else await journal.statics.delete(name)
    }
    return due
  }
}

const withoutList = (text: string): string => text.replace(/^1 error occurred:\n\t\* /, '').replace(/\n\n$/, '')
