/** Reads connection details, which come untyped: the command line sends every one of them as a text. */
import { f } from '../../../../schema/index.ts'
import type { ConnectionDetails } from './plugin.ts'

interface Kinds {
  readonly string: string
  readonly int: number
  readonly bool: boolean
}
const KINDS = { string: f.string('A text.'), int: f.int('A whole number.'), bool: f.bool('Yes or no.') } as const
const ZERO: Kinds = { string: '', int: 0, bool: false }

const DURATION = f.signedDuration('A span.')

export type DetailShape = Readonly<Record<string, keyof Kinds>>
export type Details<S extends DetailShape> = { readonly [N in keyof S]: Kinds[S[N]] }

/**
 * The details of a shape; the zero value of each that is absent.
 * @throws Error that names each one that cannot be read, never with its value
 */
export function decodeDetails<const S extends DetailShape>(details: ConnectionDetails, shape: S): Details<S> {
  const wrong: string[] = []
  const read = ([name, kind]: readonly [string, keyof Kinds]): readonly [string, unknown] => {
    const value = details[name]
    if (value === undefined || value === null) return [name, ZERO[kind]]
    return [name, KINDS[kind].decode(value, (why): undefined => void wrong.push(why.replace("''", `'${name}'`)))]
  }
  const decoded = Object.entries(shape).map(read)
  if (wrong.length > 0) throw new Error(`decoding failed due to the following error(s):\n\n${wrong.join('\n')}`)
  return Object.fromEntries(decoded) as Details<S>
}

/**
 * Seconds; 0 when absent.
 * @throws Error
 */
function durationDetail(details: ConnectionDetails, name: string): number {
  const value = details[name]
  if (value === undefined || value === null) return 0
  const span = DURATION.decode(value, (why): undefined => {
    throw new Error(`invalid ${name}: ${why}`)
  })
  return span ?? 0
}

/** What every SQL database is told about its pool and its own user. */
export interface SqlDetails {
  /** As given: `{{username}}` and `{{password}}` still stand in it. */
  readonly connectionUrl: string
  readonly username: string
  readonly password: string
  /** The credentials are already written as the URL needs them. */
  readonly disableEscaping: boolean
  readonly maxOpen: number
  readonly maxIdle: number
  /** Seconds; 0: for good. */
  readonly maxLifetime: number
}

const SQL = {
  connection_url: 'string',
  max_open_connections: 'int',
  max_idle_connections: 'int',
  username: 'string',
  password: 'string',
  disable_escaping: 'bool',
} as const

const DEFAULT_OPEN = 4
const HOLDERS = ['{{username}}', '{{password}}']

/** @throws Error in the peer's words */
export function sqlDetails(details: ConnectionDetails): SqlDetails {
  const { connection_url: connectionUrl, username, password, ...rest } = decodeDetails(details, SQL)
  if (connectionUrl === '') throw new Error('connection_url cannot be empty')
  if (HOLDERS.some(it => username.includes(it) || password.includes(it)))
    throw new Error('username and/or password cannot contain the template variables')
  const maxOpen = rest.max_open_connections === 0 ? DEFAULT_OPEN : rest.max_open_connections
  const maxIdle = rest.max_idle_connections === 0 ? maxOpen : Math.min(rest.max_idle_connections, maxOpen)
  const maxLifetime = durationDetail(details, 'max_connection_lifetime')
  return { connectionUrl, username, password, disableEscaping: rest.disable_escaping, maxOpen, maxIdle, maxLifetime }
}
