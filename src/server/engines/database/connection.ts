import type { WireObject } from '../../../schema/index.ts'
import type { DatabasePlugin } from './plugin/index.ts'

/** A connection as it is stored, at `config/<name>`. */
export interface Connection {
  readonly pluginName: string
  readonly pluginVersion: string
  readonly allowedRoles: readonly string[]
  readonly rootRotationStatements: readonly string[]
  readonly passwordPolicy: string
  /** Whatever else was given, as it was given. */
  readonly details: WireObject
}

export const newConnection: Connection = {
  pluginName: '',
  pluginVersion: '',
  allowedRoles: [],
  rootRotationStatements: [],
  passwordPolicy: '',
  details: {},
}

const NEVER_SHOWN = ['password', 'private_key']

/** As it is read back: no password, nor one in the URL. */
export function shownConnection(connection: Connection, plugin: DatabasePlugin | undefined): WireObject {
  const hidden = new Set([...NEVER_SHOWN, ...(plugin?.secretDetails ?? [])])
  const url = connection.details['connection_url']
  const details = { ...connection.details, ...(typeof url === 'string' && { connection_url: redactedUrl(url) }) }
  return {
    allowed_roles: connection.allowedRoles,
    connection_details: Object.fromEntries(Object.entries(details).filter(([name]) => !hidden.has(name))),
    password_policy: connection.passwordPolicy,
    plugin_name: connection.pluginName,
    plugin_version: connection.pluginVersion,
    root_credentials_rotate_statements: connection.rootRotationStatements,
  }
}

const HOLDER = '{{password}}'
const HIDDEN = 'xxxxx'

/** From where to where a password stands in a text. */
interface Span {
  readonly from: number
  readonly to: number
}
const SCHEME = /^[a-z][a-z\d+.-]*:\/\//i

/** Between the first colon and the last `@` before `end`, in what those who connect take for user and password. */
function inUserInfo(text: string, from: number, end: number): Span | undefined {
  const at = text.lastIndexOf('@', end)
  const colon = text.indexOf(':', from)
  return colon < 0 || at < colon ? undefined : { from: colon + 1, to: at }
}

/** scheme://user:password@host/…, taken apart as it is where it is used: whatever stands there is no less secret for being a bad URL. */
function inUrl(url: string): Span | undefined {
  const from = SCHEME.exec(url)?.[0].length
  if (from === undefined) return undefined
  const end = url.slice(from).search(/[/?]/)
  return inUserInfo(url, from, end < 0 ? url.length : from + end)
}

/** A MySQL data source name, user:password@tcp(…)/…: the last slash begins the database. */
const inSourceName = (url: string): Span | undefined => (url.includes('/') ? inUserInfo(url, 0, url.lastIndexOf('/')) : undefined)

function hide(text: string, span: Span | undefined): string {
  if (span === undefined || text.slice(span.from, span.to).includes(HOLDER)) return text
  return `${text.slice(0, span.from)}${HIDDEN}${text.slice(span.to)}`
}

/** A password that stands in the URL itself, and so is neither rotated nor kept apart. */
export function hasPassword(url: string): boolean {
  const span = inUrl(url)
  return span !== undefined && !url.slice(span.from, span.to).includes(HOLDER)
}

/** Words of libpq; a value is between quotes or without spaces, and a backslash takes the next character as it is. */
const KEYWORD = /(\b(?:ssl)?password\s*=\s*)('(?:[^'\\]|\\.)*'?|(?:[^\s'\\]|\\.)*)/gis
const PARAMETER = /([?&](?:ssl)?password=)([^&]*)/gi

export function redactedUrl(url: string): string {
  const plain = (whole: string, before: string, password: string): string => (password.includes(HOLDER) ? whole : before + HIDDEN)
  if (SCHEME.test(url)) return hide(url, inUrl(url)).replace(PARAMETER, plain)
  if (!/\bpassword\s*=/i.test(url) || inSourceName(url) !== undefined) return hide(url, inSourceName(url))
  // The peer takes keywords and values for the path of a URL, and escapes them as such.
  return encodeURI(url.replace(KEYWORD, plain))
}

/** `*` in a name stands for any text. A role that nothing names is not allowed. */
export function allows({ allowedRoles }: Connection, role: string): boolean {
  return allowedRoles.some(glob => {
    const [first = '', ...rest] = glob.split('*')
    const last = rest.pop()
    if (last === undefined) return glob === role
    if (!role.startsWith(first) || !role.endsWith(last) || role.length < first.length + last.length) return false
    let at = first.length
    return rest.every(part => {
      const found = role.indexOf(part, at)
      at = found + part.length
      return found >= 0 && at <= role.length - last.length
    })
  })
}
