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

/** scheme://user:password@…, as far as it matters: the password is what stands between the first colon and the last `@` before the path. */
const CREDENTIALS = /^([a-z][a-z\d+.-]*:\/\/[^/?#:@]*:)([^/?#]*)(@)/i
/** A MySQL data source name: user:password@tcp(…)/… */
const DSN_CREDENTIALS = /^([^/?#:@\s]+:)([^\s]*)(@[a-z\d]*\()/i
const KEYWORD = /(\bpassword\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s']*)/gi
const HOLDER = '{{password}}'

const passwordIn = (url: string): string | undefined => (CREDENTIALS.exec(url) ?? DSN_CREDENTIALS.exec(url))?.[2]

/** A password that stands in the URL itself, and so is neither rotated nor kept apart. */
export function hasPassword(url: string): boolean {
  const password = passwordIn(url)
  return password !== undefined && !password.includes(HOLDER) && CREDENTIALS.test(url)
}

export function redactedUrl(url: string): string {
  const hide = (whole: string, before: string, password: string, after: string): string =>
    password.includes(HOLDER) ? whole : `${before}xxxxx${typeof after === 'string' ? after : ''}`
  if (CREDENTIALS.test(url)) return url.replace(CREDENTIALS, hide)
  if (DSN_CREDENTIALS.test(url)) return url.replace(DSN_CREDENTIALS, hide)
  if (!/\bpassword\s*=/i.test(url)) return url
  // The peer takes keywords and values for the path of a URL, and escapes them as such.
  return encodeURI(url.replace(KEYWORD, (whole: string, before: string, password: string) => hide(whole, before, password, '')))
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
