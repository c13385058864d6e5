/**
 * Reads what PostgreSQL's clients take as a connection string: a URL (`postgresql://…`) or keywords and values (`host=… user=…`).
 * See https://www.postgresql.org/docs/current/libpq-connect.html, section 34.1.1.
 *
 * The credentials are put in after the string has been taken apart, so that none of their characters can mean anything in it.
 */
export interface Host {
  readonly host: string
  readonly port: number
}

/** What a session must be like for a host to be taken, by the words of libpq. */
export const SESSIONS = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const
export type Session = (typeof SESSIONS)[number]

export interface Target {
  /** To be tried in turn; one at least. */
  readonly hosts: readonly Host[]
  readonly session: Session
  readonly user: string
  readonly password: string
  readonly database: string
  /** The other words, by the names of libpq: `sslmode`, `sslrootcert`, `application_name`, … */
  readonly parameters: ReadonlyMap<string, string>
}

export interface LoginName {
  readonly username: string
  readonly password: string
  /** They are to be put into the text before it is taken apart. */
  readonly disableEscaping: boolean
}

const trouble = (why: string): Error => new Error(`cannot parse connection url: ${why}`)
const DEFAULT_PORT = 5432

/** @throws Error that never holds the string, nor a part of it */
export function parseConnectionString(text: string, login: LoginName): Target {
  const fill = (it: string): string => it.replaceAll('{{username}}', () => login.username).replaceAll('{{password}}', () => login.password)
  const before = login.disableEscaping ? fill(text) : text
  const after = login.disableEscaping ? (it: string): string => it : fill
  const words = new Map([...(isUrl(before) ? fromUrl(before) : fromKeywords(before))].map(([name, value]) => [name, after(value)]))
  const take = (name: string): string => {
    const value = words.get(name) ?? ''
    words.delete(name)
    return value
  }
  const [host, port, user, password] = [take('host'), take('port'), take('user'), take('password')]
  const hosts = hostsOf(host === '' ? ['localhost'] : host.split(','), port.split(','))
  const session = sessionOf(words.get('target_session_attrs') ?? 'any')
  words.delete('target_session_attrs')
  return { hosts, session, user, password, database: take('dbname') || user, parameters: words }
}

/** A host without a port has the first that is given, as in the peer's driver. */
const hostsOf = (hosts: readonly string[], ports: readonly string[]): readonly Host[] =>
  hosts.map((host, i) => {
    const port = ports[i] ?? ports[0] ?? ''
    const number = port === '' ? DEFAULT_PORT : Number(port)
    if (!Number.isInteger(number) || number < 1 || number > 65_535) throw trouble('invalid port')
    return { host, port: number }
  })

function sessionOf(word: string): Session {
  const known = SESSIONS.find(it => it === word)
  if (known === undefined) throw trouble(`invalid target_session_attrs: expected one of ${SESSIONS.join(', ')}`)
  return known
}

const isUrl = (text: string): boolean => /^postgres(?:ql)?:\/\//.test(text)

/** scheme://[user[:password]@][host][:port][/dbname][?name=value&…]; user and password reach to the last `@` before the path. */
function fromUrl(text: string): Map<string, string> {
  const rest = text.slice(text.indexOf('://') + 3)
  const [beforeQuery, query] = cut(rest, '?')
  const at = userInfoEnd(beforeQuery)
  const [hostPort, dbname] = cut(beforeQuery.slice(at + 1), '/')
  const [user = '', password = ''] = at < 0 ? [] : cut(beforeQuery.slice(0, at), ':')
  const words = new Map<string, string>()
  const put = (name: string, value: string): void => void (value !== '' && words.set(name, decoded(value)))
  put('user', user)
  put('password', password)
  put('dbname', dbname)
  const parts = hostPort
    .split(',')
    .filter(it => it !== '')
    .map(splitHost)
  put('host', listed(parts.map(it => it.host)))
  put('port', listed(parts.map(it => it.port)))
  for (const pair of query.split('&').filter(it => it !== '')) {
    const [name, value] = cut(pair, '=')
    words.set(decoded(name), decoded(value))
  }
  return words
}

/** A database's name may hold an `@`; a password with a slash has it escaped. */
function userInfoEnd(text: string): number {
  const slash = text.indexOf('/')
  return text.lastIndexOf('@', slash < 0 ? undefined : slash)
}

function splitHost(text: string): { readonly host: string; readonly port: string } {
  if (!text.startsWith('[')) {
    const [host, port] = cut(text, ':')
    return { host, port }
  }
  const end = text.indexOf(']')
  if (end < 0) throw trouble("missing ']' in host")
  return { host: text.slice(1, end), port: text.slice(end + 1).replace(/^:/, '') }
}

const listed = (words: readonly string[]): string => words.filter(it => it !== '').join(',')

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw trouble('invalid URL escape')
  }
}

/** The two sides of the first mark. */
function cut(text: string, mark: string): readonly [string, string] {
  const at = text.indexOf(mark)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)]
}

/** `name = value`, the value perhaps between single quotes; a backslash takes the next character as it is. */
const WORD = /\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)/gsy

function fromKeywords(text: string): Map<string, string> {
  const words = new Map<string, string>()
  WORD.lastIndex = 0
  const rest = text.trimEnd()
  while (WORD.lastIndex < rest.length) {
    const found = WORD.exec(rest)
    if (found === null) throw trouble('invalid keyword/value')
    words.set(found[1] as string, (found[2] ?? found[3] ?? '').replace(/\\(.)/gs, '$1'))
  }
  return words
}
