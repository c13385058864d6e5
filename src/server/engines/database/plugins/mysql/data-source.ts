/**
 * Reads a data source name: `[user[:password]@][network[(address)]]/[database][?name=value&…]`, the form that the drivers of this
 * field have made known (https://github.com/go-sql-driver/mysql#dsn-data-source-name).
 *
 * The credentials are put in after the text has been taken apart, so that none of their characters can mean anything in it.
 */
import { parseDuration } from '../../../../../kernel/index.ts'

export interface DataSource {
  readonly network: 'tcp' | 'unix'
  /** A host, or the path of a socket. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly database: string
  /** The word of `tls`; '' when there is none. */
  readonly tls: string
  readonly collation: string
  /** Milliseconds; undefined: not said. */
  readonly connectTimeout: number | undefined
  readonly cleartext: boolean
  /** Variables of the session, set on each connection. */
  readonly variables: ReadonlyMap<string, string>
}

export interface LoginName {
  readonly username: string
  readonly password: string
}

/** @throws Error in the peer's words, which never hold the text, nor a part of it that may be secret */
export function parseDataSource(text: string, login: LoginName): DataSource {
  const fill = (it: string): string => it.replaceAll('{{username}}', () => login.username).replaceAll('{{password}}', () => login.password)
  const slash = text.lastIndexOf('/')
  if (slash < 0) throw trouble('invalid DSN: missing the slash separating the database name')
  const [database, query] = cut(text.slice(slash + 1), '?')
  const before = text.slice(0, slash)
  const at = before.lastIndexOf('@')
  const [user, password] = at < 0 ? ['', ''] : cut(before.slice(0, at), ':')
  return {
    ...addressOf(before.slice(at + 1)),
    user: fill(user),
    password: fill(password),
    database: fill(decoded(database)),
    ...parametersOf(query),
  }
}

const trouble = (why: string): Error => new Error(`error verifying - connection: unable to parse connectionURL: ${why}`)
const DEFAULT_PORT = 3306
/** What drivers of this field take for granted. */
const DEFAULT_SOCKET = ['', 'tmp', 'mysql.sock'].join('/')

function addressOf(text: string): Pick<DataSource, 'network' | 'host' | 'port'> {
  const [network, rest] = cut(text, '(')
  if (text.includes('(') && !rest.endsWith(')')) {
    throw trouble(
      rest.includes(')')
        ? 'invalid DSN: did you forget to escape a param value?'
        : 'invalid DSN: network address not terminated (missing closing brace)',
    )
  }
  const address = rest.slice(0, -1)
  switch (network) {
    case '':
    case 'tcp':
      return { network: 'tcp', ...hostAndPort(address === '' ? '127.0.0.1' : address) }
    case 'unix':
      return { network: 'unix', host: address === '' ? DEFAULT_SOCKET : address, port: 0 }
    default:
      throw trouble(`default addr for network '${network}' unknown`)
  }
}

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const found = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(.*))?$/.exec(address)
  if (found === null) return { host: address, port: DEFAULT_PORT }
  const [, bracketed, plain = '', port] = found
  const number = port === undefined || port === '' ? DEFAULT_PORT : Number(port)
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new Error(`error verifying - ping: dial tcp: lookup tcp/${port}: unknown port`)
  return { host: bracketed ?? plain, port: number }
}

/** Words of the driver that mean nothing here, or what is always so. */
const IGNORED = new Set([
  'allowAllFiles',
  'allowFallbackToPlaintext',
  'allowNativePasswords',
  'allowOldPasswords',
  'charset',
  'checkConnLiveness',
  'clientFoundRows',
  'columnsWithAlias',
  'connectionAttributes',
  'interpolateParams',
  'loc',
  'maxAllowedPacket',
  'multiStatements',
  'parseTime',
  'readTimeout',
  'rejectReadOnly',
  'serverPubKey',
  'timeTruncate',
  'writeTimeout',
])

function parametersOf(query: string): Pick<DataSource, 'tls' | 'collation' | 'connectTimeout' | 'cleartext' | 'variables'> {
  const words = new Map(
    query
      .split('&')
      .filter(it => it.includes('='))
      .map(it => cut(it, '='))
      .map(([name, value]) => [name, decoded(value)]),
  )
  const take = (name: string): string => {
    const value = words.get(name) ?? ''
    words.delete(name)
    return value
  }
  const timeout = take('timeout')
  const span = timeout === '' ? undefined : parseDuration(timeout)
  if (timeout !== '' && span === undefined) throw trouble(`time: invalid duration ${JSON.stringify(timeout)}`)
  const [tls, collation, cleartext] = [take('tls'), take('collation'), take('allowCleartextPasswords')]
  const variables = new Map([...words].filter(([name]) => !IGNORED.has(name)))
  const wrong = [...variables.keys()].find(name => !/^[\w.@]+$/.test(name))
  if (wrong !== undefined) throw trouble('invalid name of a variable')
  return {
    tls,
    collation,
    connectTimeout: span === undefined ? undefined : span * 1000,
    cleartext: /^(?:1|true)$/i.test(cleartext),
    variables,
  }
}

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
