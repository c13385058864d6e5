/** What tune says about locking users out. */
import { parseDuration } from '../../kernel/index.ts'
import { f, type WireObject } from '../../schema/index.ts'
import { faults, type LockoutSettings, type MountEntry } from '../logical/index.ts'

/** Methods whose users have something to guess. */
const METHODS = new Set(['approle', 'ldap', 'userpass'])
const NONE: LockoutSettings = { threshold: 0, duration: 0, counterReset: 0, disable: false }

/** The settings of the mount with the wishes in; what is not said stays. */
export function withLockout({ type, table, config }: MountEntry, wish: WireObject): LockoutSettings {
  if (table !== 'auth' || !METHODS.has(type))
    throw faults.refused({ why: `tuning of user lockout configuration for auth type ${JSON.stringify(type)} not allowed` })
  const before = config.userLockout ?? NONE
  const { lockout_threshold: threshold, lockout_duration: duration, lockout_counter_reset_duration: reset, lockout_disable: disable } = wish
  if (disable !== undefined && typeof disable !== 'boolean')
    throw faults.refused({ why: 'unable to convert given user lockout config information' })
  return {
    threshold: threshold === undefined ? before.threshold : thresholdOf(threshold),
    duration: duration === undefined ? before.duration : spanOf(duration),
    counterReset: reset === undefined ? before.counterReset : spanOf(reset),
    disable: disable ?? before.disable,
  }
}

function thresholdOf(raw: unknown): number {
  const text = typeof raw === 'string' ? raw : JSON.stringify(raw)
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw faults.refused({
    why: `unable to parse user lockout threshold: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`,
  })
}

function spanOf(raw: unknown): number {
  const value = parseDuration(raw)
  if (value !== undefined) return Math.trunc(value)
  let why = ''
  f.signedDuration('').decode(raw, it => void (why = it))
  throw faults.refused({ why })
}

export const shownLockout = (it: LockoutSettings): WireObject => ({
  user_lockout_counter_reset_duration: it.counterReset,
  user_lockout_disable: it.disable,
  user_lockout_duration: it.duration,
  user_lockout_threshold: it.threshold,
})
