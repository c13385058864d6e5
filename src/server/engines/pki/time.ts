/** Times as the API reads them and as it shows them inside a sentence. */
import { goQuote } from '../../../kernel/index.ts'

const LAYOUT = '2006-01-02T15:04:05Z07:00'
const PARTS: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}/, '2006'],
  [/^-/, '-'],
  [/^\d\d/, '01'],
  [/^-/, '-'],
  [/^\d\d/, '02'],
  [/^T/, 'T'],
  [/^\d\d/, '15'],
  [/^:/, ':'],
  [/^\d\d/, '04'],
  [/^:/, ':'],
  [/^\d\d(?:[.,]\d+)?/, '05'],
  [/^(?:Z|[+-]\d\d:\d\d)/, 'Z07:00'],
]

/** A time (RFC 3339), or what the peer says is wrong with it. */
export function parseRfc3339(text: string): Date | { readonly why: string } {
  const quoted = goQuote(text)
  let rest = text
  const found: string[] = []
  for (const [form, name] of PARTS) {
    const part = form.exec(rest)
    if (part === null) return { why: `parsing time ${quoted} as ${goQuote(LAYOUT)}: cannot parse ${goQuote(rest)} as ${goQuote(name)}` }
    found.push(part[0])
    rest = rest.slice(part[0].length)
  }
  if (rest !== '') return { why: `parsing time ${quoted}: extra text: ${goQuote(rest)}` }
  const [year = '', , month = '', , day = '', , hour = '', , minute = '', , second = '', zone = ''] = found
  const outside = [
    [Number(month) < 1 || Number(month) > 12, 'month'],
    [Number(hour) > 23, 'hour'],
    [Number(minute) > 59, 'minute'],
    [Math.floor(Number.parseFloat(second)) > 59, 'second'],
    [Number(day) < 1 || Number(day) > new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate(), 'day'],
  ] as const
  const wrong = outside.find(([is]) => is)
  if (wrong) return { why: `parsing time ${quoted}: ${wrong[1]} out of range` }
  return new Date(`${year}-${month}-${day}T${hour}:${minute}:${second.replace(',', '.')}${zone}`)
}

/** In UTC, the fraction as short as it goes. */
export const shownTime = (at: Date): string => at.toISOString().replace(/\.?0*Z$/, 'Z')
