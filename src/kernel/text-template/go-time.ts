const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
const DAYS: readonly string[] = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const PART =
  /January|Jan|Monday|Mon|MST|2006|_2006|-07:00:00|-07:00|-070000|-0700|-07|Z07:00:00|Z07:00|Z070000|Z0700|Z07|002|__2|_2|01|02|03|04|05|06|15|PM|pm|[.,]0+(?!\d)|[.,]9+(?!\d)|[1-5]/g

/** A moment (in UTC) in a layout that shows how the moment of reference, Mon Jan 2 15:04:05 2006, would look. */
export function goTime(now: Date, layout: string): string {
  return layout.replace(PART, part => partOf(now, part))
}

const two = (value: number): string => String(value).padStart(2, '0')

function partOf(now: Date, part: string): string {
  const hour = now.getUTCHours()
  const month = MONTHS[now.getUTCMonth()] ?? ''
  const weekday = DAYS[now.getUTCDay()] ?? ''
  const day = now.getUTCDate()
  const yearDay = Math.floor((now.getTime() - Date.UTC(now.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
  switch (part) {
    case 'January':
      return month
    case 'Jan':
      return month.slice(0, 3)
    case 'Monday':
      return weekday
    case 'Mon':
      return weekday.slice(0, 3)
    case 'MST':
      return 'UTC'
    case '2006':
      return String(now.getUTCFullYear()).padStart(4, '0')
    case '_2006':
      return `_${String(now.getUTCFullYear()).padStart(4, '0')}`
    case '06':
      return two(now.getUTCFullYear() % 100)
    case '01':
      return two(now.getUTCMonth() + 1)
    case '1':
      return String(now.getUTCMonth() + 1)
    case '02':
      return two(day)
    case '_2':
      return String(day).padStart(2, ' ')
    case '2':
      return String(day)
    case '002':
      return String(yearDay).padStart(3, '0')
    case '__2':
      return String(yearDay).padStart(3, ' ')
    case '15':
      return two(hour)
    case '03':
      return two(hour % 12 || 12)
    case '3':
      return String(hour % 12 || 12)
    case '04':
      return two(now.getUTCMinutes())
    case '4':
      return String(now.getUTCMinutes())
    case '05':
      return two(now.getUTCSeconds())
    case '5':
      return String(now.getUTCSeconds())
    case 'PM':
      return hour < 12 ? 'AM' : 'PM'
    case 'pm':
      return hour < 12 ? 'am' : 'pm'
    default:
      return zoneOrFraction(now, part)
  }
}

function zoneOrFraction(now: Date, part: string): string {
  if (part.startsWith('Z')) return 'Z'
  if (part.startsWith('-')) return part.replace('-', '+').replace('07', '00')
  const digits = String(now.getUTCMilliseconds())
    .padStart(3, '0')
    .padEnd(part.length - 1, '0')
    .slice(0, part.length - 1)
  if (part[1] === '0') return part.slice(0, 1) + digits
  const short = digits.replace(/0+$/, '')
  return short === '' ? '' : part.slice(0, 1) + short
}
