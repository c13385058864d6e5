/**
 * When a watch may write. A commit that comes at another time is planned, told, and applied when the time has come.
 *
 * `deny` and `allow` come back every week; a freeze has a beginning and an end.
 */
export type Window =
  | {
      readonly is: 'allow' | 'deny'
      /** 0 is Sunday. A window that goes past midnight belongs to the day on which it begins. */
      readonly days: ReadonlySet<number>
      /** Minutes since midnight. The same twice: the whole day. */
      readonly from: number
      readonly to: number
      /** IANA name. */
      readonly timezone: string
      readonly reason?: string
    }
  | { readonly is: 'freeze'; readonly from: Date; readonly to: Date; readonly reason?: string }

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

interface LocalTime {
  readonly day: number
  readonly minute: number
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** @throws RangeError when there is no such time zone */
export function localTime(at: Date, timezone: string): LocalTime {
  const known = formats.get(timezone)
  const format =
    known ??
    new Intl.DateTimeFormat('en-US', { timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  formats.set(timezone, format)
  const parts = new Map(format.formatToParts(at).map(it => [it.type, it.value]))
  return { day: DAYS.indexOf(parts.get('weekday') ?? ''), minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) }
}

function isOpen(window: Window, now: Date): boolean {
  if (window.is === 'freeze') return now >= window.from && now < window.to
  const { days, from, to, timezone } = window
  const { day, minute } = localTime(now, timezone)
  if (from < to) return days.has(day) && minute >= from && minute < to
  if (from === to) return days.has(day)
  return (days.has(day) && minute >= from) || (days.has((day + 6) % 7) && minute < to)
}

const because = ({ reason }: Window): string => (reason === undefined ? '' : `: ${reason}`)

/** Why nothing may be written now; undefined when it may. What denies goes before what allows. */
export function standingInTheWay(windows: readonly Window[], now: Date): string | undefined {
  const freeze = windows.find(it => it.is === 'freeze' && isOpen(it, now))
  if (freeze !== undefined && freeze.is === 'freeze') return `frozen until ${freeze.to.toISOString()}${because(freeze)}`
  const denied = windows.find(it => it.is === 'deny' && isOpen(it, now))
  if (denied !== undefined) return `a window denies it${because(denied)}`
  const allowing = windows.filter(it => it.is === 'allow')
  if (allowing.length > 0 && !allowing.some(it => isOpen(it, now))) return 'outside of all windows that allow it'
  return undefined
}
