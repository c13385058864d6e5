/** When a static role's password is due: a period after the last change, or by a schedule in the form of cron (in UTC). */
import { Cron } from 'croner'
import type { StaticRole } from './role.ts'

type Times = Pick<StaticRole, 'rotationPeriod' | 'rotationSchedule' | 'rotationWindow' | 'lastRotation'>

/** @throws Error that says what is wrong with it */
export function checkSchedule(schedule: string): void {
  parsed(schedule)
}

/** Epoch milliseconds. */
export function dueTime(role: Times): number {
  return role.rotationSchedule === '' ? role.lastRotation + role.rotationPeriod * 1000 : nextOf(role, role.lastRotation)
}

/**
 * Whether a change that is due may be made now. With a window it may only be made so long after the moment that the schedule names: what
 * was missed waits for the next.
 */
export function isInWindow(role: Times, now: number): boolean {
  if (role.rotationSchedule === '' || role.rotationWindow === 0) return true
  return nextOf(role, now - role.rotationWindow * 1000) <= now
}

/** The next moment after `now` that the schedule names. */
export const nextScheduled = (role: Times, now: number): number => nextOf(role, now)

function nextOf({ rotationSchedule }: Times, after: number): number {
  return parsed(rotationSchedule).nextRun(new Date(after))?.getTime() ?? Number.POSITIVE_INFINITY
}

function parsed(schedule: string): Cron {
  return new Cron(schedule, { timezone: 'UTC', mode: '5-part', paused: true })
}
