import { attribute, type AttributeOptions, type Attribute, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType } from '../mount-type.ts'
import { textOf, type Values } from '../../model/index.ts'
import { isNothing } from '../token-attributes.ts'

type Detail = Pick<AttributeOptions<string>, 'answeredAs' | 'sparse'>

/** What a plug-in is told stands in a map of its own in the answer, and only as far as it was said. */
const detail = (name: string, as: (o: Detail) => Attribute): Shape => ({
  [name]: as({ answeredAs: ['connection_details', name], sparse: true }),
})

/** https://openbao.org/api-docs/secret/databases/, as OpenBao answers it, with what the plug-ins that come with it take. */
const connection: Shape = {
  plugin_name: attribute.text('The plug-in that speaks to the database.', { fallback: null }),
  plugin_version: attribute.text('Its version; that of the server unless said.'),
  allowed_roles: attribute.set('Which roles may use the connection; * for any.', {
    names: { on: 'mount', at: ['roles', 'static-roles'] },
  }),
  password_policy: attribute.text('The policy by which passwords are made.', { names: { on: 'sys', at: ['policies/password'] } }),
  root_rotation_statements: attribute.list('How the password of the connection is changed.', {
    answeredAs: ['root_credentials_rotate_statements'],
  }),
  verify_connection: attribute.flag('Whether the connection is tried when it is written.', { fallback: true, unread: 'said' }),
  password: attribute.secret('The password of the connection.', { setBy: ['connection_details', 'username'] }),
  private_key: attribute.secret('The private key of the connection.'),
  tls_certificate_key: attribute.secret('The key of the certificate to show.', {
    setBy: ['connection_details', 'tls_certificate'],
  }),
  ...detail('connection_url', o => attribute.text('Where the database is, with {{username}} and {{password}} in their places.', o)),
  ...detail('username', o => attribute.text('As whom the connection is made.', o)),
  ...detail('username_template', o => attribute.text('How the names of users are made.', o)),
  ...detail('disable_escaping', o => attribute.flag('Whether special characters in names and passwords stay as they are.', o)),
  ...detail('max_open_connections', o => attribute.count('How many connections are open at most.', o)),
  ...detail('max_idle_connections', o => attribute.count('How many of them may be idle.', o)),
  ...detail('max_connection_lifetime', o => attribute.writtenSpan('How long a connection may be used.', o)),
  ...detail('password_authentication', o => attribute.choice('How PostgreSQL is given passwords.', ['password', 'scram-sha-256'], o)),
  ...detail('tls_ca', o => attribute.pem('The certificate of the CA to trust.', o)),
  ...detail('tls_certificate', o => attribute.pem('The certificate to show.', o)),
  ...detail('tls_server_name', o => attribute.text('The name that the certificate of the database has to carry.', o)),
  ...detail('tls_skip_verify', o => attribute.flag('Whether that certificate is not checked.', o)),
  ...detail('hosts', o => attribute.text('Hosts of a cluster, with commas.', o)),
  ...detail('host', o => attribute.text('The host of the database.', o)),
  ...detail('port', o => attribute.count('Its port.', o)),
  ...detail('tls', o => attribute.flag('Whether it speaks TLS.', o)),
  ...detail('insecure_tls', o => attribute.flag('Whether its certificate is not checked.', o)),
  ...detail('ca_cert', o => attribute.pem('The certificate of the CA to trust.', o)),
  ...detail('url', o => attribute.text('Where the database is, by its URL.', o)),
  ...detail('write_concern', o => attribute.text('The write concern of MongoDB, in JSON.', o)),
  ...detail('protocol_version', o => attribute.count('The version of the protocol of Cassandra.', o)),
  ...detail('connect_timeout', o => attribute.writtenSpan('How long to wait for a connection.', o)),
  ...detail('consistency', o => attribute.text('The consistency of Cassandra.', o)),
}

/** Between the first colon and the last `@`, in a URL (before the path) or in a source name of MySQL (before the database). */
const USER_INFO = [/^[a-z][a-z\d+.-]*:\/\/[^/?:]*:([^/?]*)@/i, /^(?![a-z][a-z\d+.-]*:\/\/)[^:=]*:(.*)@[^@]*\//i]
const KEYWORD = /(?:^|[\s;?&])(?:ssl)?password\s*=\s*'?([^\s;&']+)/gi

/** @internal For tests: whether a password stands in a connection's URL itself, where plans would show it. */
export function holdsPassword(url: string): boolean {
  const found = [...USER_INFO.map(it => it.exec(url)?.[1] ?? ''), ...Array.from(url.matchAll(KEYWORD), it => it[1] ?? '')]
  return found.some(it => it !== '' && it !== '{{password}}')
}

/** What servers show in place of a password. */
const MASK = 'xxxxx'
const MASKED = [
  /^(?<head>[a-z][a-z\d+.-]*:\/\/)(?<user>[^/?:@]*):xxxxx(?<tail>@.*)$/is,
  /^(?<head>)(?<user>[^:=@/]*):xxxxx(?<tail>@.*)$/s,
  /^(?<head>(?:.*[\s;?&])?)(?<key>password\s*=\s*)'?xxxxx'?(?<tail>.*)$/is,
]

/** A URL with a hidden password as files have it: with its place, its user beside it, and the password to be given. */
function unmasked(values: Values): { readonly values: Values; readonly secrets: readonly string[] } | undefined {
  const url = textOf(values['connection_url'])
  if (!url.includes(MASK)) return undefined
  const { head = '', user, key, tail = '' } = MASKED.map(it => it.exec(url)?.groups).find(it => it !== undefined) ?? {}
  if (key !== undefined) return { values: { ...values, connection_url: `${head}${key}{{password}}${tail}` }, secrets: ['password'] }
  if (user === undefined) return undefined
  const username = textOf(values['username']) === '' ? decodedName(user) : textOf(values['username'])
  return { values: { ...values, username, connection_url: `${head}{{username}}:{{password}}${tail}` }, secrets: ['password'] }
}

function decodedName(user: string): string {
  try {
    return decodeURIComponent(user)
  } catch {
    return user
  }
}

const connections: Collection = {
  is: 'collection',
  doc: 'Connections to databases.',
  path: 'config',
  noun: 'connection',
  shape: connection,
  foldsNames: false,
  turn: 0,
  unmasked,
  contradictions(values) {
    const found: Contradiction[] = []
    if (isNothing(values['plugin_name'])) found.push({ attribute: 'plugin_name', why: 'a connection needs plugin_name' })
    const url = textOf(values['connection_url'])
    if (holdsPassword(url)) {
      const why = 'connection_url holds a password: write {{username}}:{{password}} there, and name the password by reference'
      found.push({ attribute: 'connection_url', why })
    }
    return found
  },
}

const credentials: Shape = {
  db_name: attribute.text('The connection.', { fallback: null, names: { on: 'mount', at: ['config'] } }),
  credential_type: attribute.choice('What is given.', ['password', 'rsa_private_key', 'client_certificate']),
  credential_config: attribute.pairs('How it is made.'),
}

const role: Shape = {
  ...credentials,
  creation_statements: attribute.list('How a user is made.'),
  revocation_statements: attribute.list('How it is removed.'),
  rollback_statements: attribute.list('What takes a making back that failed.'),
  renew_statements: attribute.list('What a renewal does.'),
  default_ttl: attribute.span('How long a user lives; 0 for what the mount says.'),
  max_ttl: attribute.span('How long it can be renewed.'),
}

const staticRole: Shape = {
  ...credentials,
  username: attribute.text('The user whose password is rotated.', { fallback: null, fixed: true, repeated: true }),
  rotation_period: attribute.span('How often its password is changed.', { sparse: true }),
  rotation_schedule: attribute.text('Or when, in the form of cron, in UTC; a server that does not know it takes no notice.', {
    sparse: true,
  }),
  rotation_window: attribute.span('How long after the scheduled time it may still be changed; 0: any time.', { sparse: true }),
  rotation_statements: attribute.list('How its password is changed.'),
}

const needs = (values: Values, ...names: readonly string[]): readonly Contradiction[] =>
  names.filter(it => isNothing(values[it])).map(it => ({ attribute: it, why: `a role needs ${it}` }))

const config = (values: Values): Readonly<Record<string, string>> => (values['credential_config'] ?? {}) as Readonly<Record<string, string>>

/** What the server says of a key when nothing was said. */
const complete = (values: Values): Values =>
  values['credential_type'] === 'rsa_private_key'
    ? { ...values, credential_config: { format: 'pkcs8', key_bits: '2048', ...config(values) } }
    : values

/** The server adds to what it knows, and forgets nothing of it. */
const replaces = (before: Values, after: Values): string | undefined =>
  Object.keys(config(before)).some(key => config(after)[key] === undefined) ? 'credential_config cannot be taken back' : undefined

const roles: Collection = {
  is: 'collection',
  doc: 'Roles for which users are made on demand.',
  path: 'roles',
  noun: 'role',
  shape: role,
  complete,
  replaces,
  foldsNames: false,
  contradictions: values => [
    ...needs(values, 'db_name'),
    ...(Number(values['max_ttl']) > 0 && Number(values['default_ttl']) > Number(values['max_ttl'])
      ? [{ attribute: 'default_ttl', why: 'default_ttl is longer than max_ttl' }]
      : []),
  ],
}

function contradictoryTimes(period: number, schedule: string, window: number): readonly Contradiction[] {
  if (period === 0 && schedule === '')
    return [{ attribute: 'rotation_period', why: 'a static role needs rotation_period or rotation_schedule' }]
  if (period !== 0 && schedule !== '')
    return [{ attribute: 'rotation_schedule', why: 'rotation_period and rotation_schedule exclude each other' }]
  if (window !== 0 && schedule === '') return [{ attribute: 'rotation_window', why: 'rotation_window belongs to a rotation_schedule' }]
  return []
}

const staticRoles: Collection = {
  is: 'collection',
  doc: 'Users that are there already, whose passwords are rotated.',
  path: 'static-roles',
  noun: 'static role',
  shape: staticRole,
  complete,
  replaces,
  foldsNames: false,
  contradictions: values => [
    ...needs(values, 'db_name', 'username'),
    ...contradictoryTimes(Number(values['rotation_period']), textOf(values['rotation_schedule']), Number(values['rotation_window'])),
  ],
}

export const database: MountType = {
  type: 'database',
  table: 'engine',
  doc: 'Users of databases, made on demand or rotated.',
  sections: { config: connections, roles, 'static-roles': staticRoles },
}
