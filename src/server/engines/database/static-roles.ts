import { f } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { rfc3339Nano } from '../../../kernel/index.ts'
import { shownCredentialConfig } from './credential-config.ts'
import { checkAllowed } from './creds.ts'
import type { DatabaseMount } from './mount.ts'
import type { StaticRole } from './role.ts'
import { credentialFields, NAMES_ARE_UNIQUE, trimmed, withCredential } from './roles.ts'
import { changePassword } from './rotation.ts'
import { checkSchedule, dueTime } from './schedule.ts'

const times = {
  rotation_period: f.duration('How long a password lives; at least 5 seconds.'),
  rotation_schedule: f.string('When the password is changed, in the form of cron (`0 3 * * SAT`), in UTC; in place of a period.'),
  rotation_window: f.duration('How long after the scheduled time the change may still be made; at least an hour; 0: any time.'),
}
const input = {
  ...credentialFields,
  ...times,
  username: f.string('The account whose password is ours; it is there already.'),
  rotation_statements: f.texts('Statements that change the password; without any the plugin has its own.'),
}
const seen = { last_vault_rotation: f.string('When the password was changed last.'), ...times, username: input.username }

const routes = {
  roles: route('static-roles', {
    doc: 'The names of all static roles.',
    ops: { list: op({ doc: 'List the static roles.', input: paging, gives: gives.keys }) },
  }),
  role: route('static-roles/{name}', {
    doc: 'A static role: an account of the database whose password is changed by and by.',
    params: { name: f.name('Name of the role.') },
    upsert: true,
    ops: {
      read: op({
        doc: 'Read the static role.',
        gives: gives.data({ ...input, ...seen, credential_config: f.map('More about the credential.') }),
      }),
      write: op({ doc: 'Make the static role, which changes the password at once, or change what is given.', input, gives: gives.nothing }),
      delete: op({ doc: 'Delete the static role. The account stays as it is, with its last password.', gives: gives.nothing }),
    },
  }),
  creds: route('static-creds/{name}', {
    doc: 'The password of a static role.',
    params: { name: f.name('Name of the role.') },
    ops: {
      read: op({
        doc: 'Read the password, and how long it will be good.',
        gives: gives.data({ ...seen, password: f.string('The password.', { secret: true }), ttl: f.int('Seconds until it is changed.') }),
      }),
    },
  }),
  rotate: route('rotate-role/{name}', {
    doc: 'Changes the password of a static role.',
    params: { name: f.name('Name of the role.') },
    ops: { write: op({ doc: 'Change the password now.', gives: gives.nothing }) },
  }),
}

/** As often as it is looked. */
const LEAST_PERIOD = 5
const LEAST_WINDOW = 3600

interface Wishes {
  readonly rotationPeriod?: number
  readonly rotationSchedule?: string
  readonly rotationWindow?: number
}

function withTimes(
  before: StaticRole | undefined,
  given: Wishes,
): Pick<StaticRole, 'rotationPeriod' | 'rotationSchedule' | 'rotationWindow'> {
  const { rotationSchedule: schedule = '', rotationWindow: window } = given
  // None, said beside a schedule that takes its place.
  const period = given.rotationPeriod === 0 && schedule !== '' ? undefined : given.rotationPeriod
  if (period !== undefined && schedule !== '')
    throw faults.refused({
      why: 'mutually exclusive fields rotation_period and rotation_schedule were both specified; only one of them can be provided',
    })
  if (period === undefined && schedule === '' && before === undefined)
    throw faults.refused({ why: 'rotation_period is required to create static accounts' })
  if (period !== undefined && period < LEAST_PERIOD)
    throw faults.refused({ why: `rotation_period must be ${LEAST_PERIOD} seconds or more` })
  const rotationSchedule = schedule !== '' ? schedule : period !== undefined ? '' : (before?.rotationSchedule ?? '')
  if (schedule !== '') refuseBadSchedule(schedule)
  if (window !== undefined && window > 0) {
    if (rotationSchedule === '') throw faults.refused({ why: 'rotation_window is only valid with rotation_schedule' })
    if (window < LEAST_WINDOW) throw faults.refused({ why: `rotation_window must be ${LEAST_WINDOW} seconds or more` })
  }
  return {
    rotationPeriod: rotationSchedule === '' ? (period ?? before?.rotationPeriod ?? 0) : 0,
    rotationSchedule,
    rotationWindow: rotationSchedule === '' ? 0 : (window ?? before?.rotationWindow ?? 0),
  }
}

function refuseBadSchedule(schedule: string): void {
  try {
    checkSchedule(schedule)
  } catch (cause) {
    throw faults.refused(
      { why: 'could not parse rotation_schedule: expected five fields, as cron has them: minute, hour, day, month, weekday' },
      { cause },
    )
  }
}

const shownTimes = (role: StaticRole): Readonly<Record<string, unknown>> => ({
  last_vault_rotation: rfc3339Nano(role.lastRotation),
  ...(role.rotationSchedule === ''
    ? { rotation_period: role.rotationPeriod }
    : { rotation_schedule: role.rotationSchedule, ...(role.rotationWindow > 0 && { rotation_window: role.rotationWindow }) }),
  username: role.username,
})

export const staticRoles: Family<DatabaseMount> = statefulFamily(routes, (mount: DatabaseMount): HandlersOf<typeof routes> => {
  const { records, turns } = mount
  const { rotation } = mount.work
  const turn = <T>(name: string, work: () => Promise<T>): Promise<T> => turns.take(`static-role/${name}`, work)
  return {
    roles: {
      list: async ({ input: { after, limit } }) => ({
        is: 'keys',
        keys: await records.staticRoles.names('', { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }),
      }),
    },
    role: {
      exists: async ({ params }) => (await records.staticRoles.get(params.name)) !== undefined,
      async read({ params }) {
        const role = await records.staticRoles.get(params.name)
        if (role === undefined) throw faults.notFound()
        return {
          is: 'wire',
          data: {
            ...shownCredentialConfig(role.credentialConfig),
            credential_type: role.credentialType,
            db_name: role.dbName,
            ...shownTimes(role),
            rotation_statements: role.rotation,
          },
        }
      },
      write: ({ params: { name }, input: given, signal }) =>
        turn(name, async () => {
          if ((await records.roles.get(name)) !== undefined) throw faults.refused({ why: NAMES_ARE_UNIQUE })
          const before = await records.staticRoles.get(name)
          const dbName = given.dbName ?? before?.dbName ?? ''
          if (dbName === '') throw faults.refused({ why: 'database name is a required field' })
          const username = given.username ?? ''
          if (username === '' && before === undefined)
            throw faults.refused({ why: 'username is a required field to create a static account' })
          if (before !== undefined && before.username !== username) throw faults.refused({ why: 'cannot update static account username' })
          const next: StaticRole = {
            dbName,
            username,
            ...withTimes(before, given),
            ...withCredential(before ?? { credentialType: 'password', credentialConfig: {} }, given),
            rotation: given.rotationStatements === undefined ? (before?.rotation ?? []) : trimmed(given.rotationStatements),
            lastRotation: before?.lastRotation ?? 0,
            password: before?.password ?? '',
          }
          if (before === undefined) await changePassword(mount, name, next, true, signal)
          else await records.staticRoles.put(name, next)
          rotation.plan(name, dueTime((await records.staticRoles.get(name)) ?? next))
          return { is: 'nothing' }
        }),
      delete: ({ params: { name } }) =>
        turn(name, async () => {
          await mount.transact(async ({ staticRoles: all, journal }) => {
            await all.delete(name)
            await journal.statics.delete(name)
          })
          rotation.forget(name)
          return { is: 'nothing' }
        }),
    },
    creds: {
      async read({ params, now }) {
        const role = await records.staticRoles.get(params.name)
        if (role === undefined) throw faults.refused({ why: `unknown role: ${params.name}` })
        checkAllowed(await mount.connection(role.dbName), params.name)
        const ttl = Math.max(0, Math.round((dueTime(role) - now.getTime()) / 1000))
        return { is: 'wire', data: { ...shownTimes(role), password: role.password, ttl } }
      },
    },
    rotate: {
      write: ({ params: { name }, signal }) =>
        turn(name, async () => {
          const role = await records.staticRoles.get(name)
          if (role === undefined) throw faults.refused({ why: 'no static role found for role name' })
          await rotation.now(name, role, signal)
          return { is: 'nothing' }
        }),
    },
  }
})
