/** What a URL path may hold as it is (RFC 3986 section 3.3, less `!'()*`, which the API's Go clients escape too). */
const PLAIN = /^[A-Za-z0-9\-_.~$&+,/:;=@]*$/
const escapeByte = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

function escape(text: string, plain: RegExp): string {
  if (plain.test(text)) return text
  let made = ''
  for (const char of text) made += plain.test(char) ? char : [...Buffer.from(char, 'utf8')].map(escapeByte).join('')
  return made
}

export const escapePath = (path: string): string => escape(path, PLAIN)

const escapeQuery = (text: string): string => escape(text, /^[A-Za-z0-9\-_.~ ]*$/).replaceAll(' ', '+')

/** Keys in order, as the Go clients send them, so that a request has one spelling; empty for no query. */
export function queryString(query: Readonly<Record<string, string | readonly string[]>>): string {
  const pairs = Object.keys(query)
    .sort()
    .flatMap(key => [query[key] ?? []].flat().map(value => `${escapeQuery(key)}=${escapeQuery(value)}`))
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}
