import { readFile } from 'node:fs/promises'
import type { Client } from '../../../client/index.ts'
import { secretOf, send, write } from '../../api/index.ts'
import { CommandFailed, type Context } from '../../command.ts'
import type { Secret } from '../../output/index.ts'
import { oidc } from './oidc.ts'

export type Config = Readonly<Record<string, string>>

export interface Attempt {
  readonly ctx: Context
  readonly client: Client
  /** The mount of the method, without the slash at its end. */
  readonly mount: string
  readonly config: Config
  readonly nonInteractive: boolean
}

/** How one auth method logs in. */
export interface LoginMethod {
  readonly doc: string
  readonly help: string
  login(it: Attempt): Promise<Secret | undefined>
}

async function secretInput({ ctx, config, nonInteractive }: Attempt, key: string, prompt: string): Promise<string> {
  const given = config[key]
  if (given !== undefined && given !== '') return given
  if (nonInteractive)
    throw new CommandFailed(`Error authenticating: '${key}' must be specified, and -non-interactive forbids to ask for it`, 2)
  return await ctx.stdin.ask(`${prompt} (will be hidden): `, { secret: true })
}

function required(config: Config, key: string): string {
  const value = config[key] ?? ''
  if (value === '') throw new CommandFailed(`Error authenticating: '${key}' must be specified`, 2)
  return value
}

/** Looks like the reply of a login, made from what a lookup knows of the token. */
function asLogin(secret: Secret): Secret {
  const data = secret.data ?? {}
  const list = (name: string): readonly string[] | null => (Array.isArray(data[name]) ? data[name].map(String) : null)
  const [tokenPolicies, identityPolicies] = [list('policies'), list('identity_policies')]
  const metadata = data['meta'] ?? data['metadata'] ?? null
  return {
    auth: {
      client_token: data['id'] ?? '',
      accessor: data['accessor'] ?? '',
      policies: tokenPolicies === null && identityPolicies === null ? null : [...(tokenPolicies ?? []), ...(identityPolicies ?? [])],
      token_policies: tokenPolicies,
      identity_policies: identityPolicies,
      metadata,
      lease_duration: Number(data['ttl'] ?? 0),
      renewable: data['renewable'] === true,
    },
  }
}

const TRUE = /^(1|t|T|true|TRUE|True)$/
const FALSE = /^(0|f|F|false|FALSE|False)$/

const token: LoginMethod = {
  doc: 'a token, which is looked up and stored',
  help: `
Usage: {program} login [TOKEN] [CONFIG K=V...]

  Take a token that you have for the one in use. Without it in the arguments it
  is asked for and not shown.

Configuration:

  token=<string>
      The token.

  lookup=<bool>
      Whether to ask the server what it knows of the token. The default is true.
`,
  async login(it) {
    const lookup = it.config['lookup'] ?? 'true'
    if (!TRUE.test(lookup) && !FALSE.test(lookup)) throw new CommandFailed('Error authenticating: "lookup" must be true or false', 2)
    const value = (await secretInput(it, 'token', 'Token')).trim()
    if (value === '') throw new CommandFailed('Error authenticating: the token is empty', 2)
    if (FALSE.test(lookup)) return { auth: { client_token: value } }
    const secret = secretOf(await send(it.client.with({ token: value }), { method: 'GET', path: 'auth/token/lookup-self' }))
    return secret === undefined ? undefined : asLogin(secret)
  },
}

const byPassword = (type: string): LoginMethod => ({
  doc: 'a user name and a password',
  help: `
Usage: {program} login -method=${type} [CONFIG K=V...]

  Log in by a user name and a password. A password that is not given is asked
  for and not shown.

      $ {program} login -method=${type} username=ann
      Password (will be hidden):

Configuration:

  username=<string>
      The user's name.

  password=<string>
      The user's password.
`,
  async login(it) {
    const { env } = it.ctx
    const username = it.config['username'] ?? (type === 'ldap' ? (env['LOGNAME'] ?? env['USER']) : undefined)
    const name = required({ username: username ?? '' }, 'username')
    const password = await secretInput(it, 'password', 'Password')
    return await write(it.client, `auth/${it.mount}/login/${name}`, { password })
  },
})

const approle: LoginMethod = {
  doc: 'the role id and secret id of an AppRole',
  help: `
Usage: {program} login -method=approle [CONFIG K=V...]

  Log in by the two ids of an AppRole. A secret id that is not given is asked for
  and not shown; secret_id=@FILE reads it from a file.

      $ {program} login -method=approle role_id=ROLE_ID secret_id=@secret-id

Configuration:

  role_id=<string>
      The id of the role.

  secret_id=<string>
      The secret id. Empty for a role that is bound to none.
`,
  async login(it) {
    const role = required(it.config, 'role_id').trim()
    const secret =
      'secret_id' in it.config ? (it.config['secret_id'] ?? '').trim() : (await secretInput(it, 'secret_id', 'Secret ID')).trim()
    return await write(it.client, `auth/${it.mount}/login`, { role_id: role, ...(secret === '' ? {} : { secret_id: secret }) })
  },
}

const cert: LoginMethod = {
  doc: 'the client certificate of the connection',
  help: `
Usage: {program} login -method=cert [CONFIG K=V...]

  Log in by the certificate that -client-cert and -client-key show to the server.

      $ {program} login -method=cert -client-cert=ann.pem -client-key=ann.key

Configuration:

  name=<string>
      The certificate role to match. Without it all are tried.
`,
  login: it => write(it.client, `auth/${it.mount}/login`, { name: it.config['name'] ?? '' }),
}

/** Where Kubernetes puts the token of a pod's service account. */
const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token'

const byJwt = (type: string, file: string | undefined): LoginMethod => ({
  doc: 'a JSON Web Token',
  help: `
Usage: {program} login -method=${type} [CONFIG K=V...]

  Log in by a JSON Web Token${file === undefined ? '' : ": without one in the arguments, that of the pod's\n  service account"}.

      $ {program} login -method=${type} role=ci jwt=@token

Configuration:

  role=<string>
      The role to log in as.

  jwt=<string>
      The token.
`,
  async login(it) {
    const role = it.config['role'] ?? ''
    const given = it.config['jwt'] ?? ''
    const jwt = given !== '' || file === undefined ? required(it.config, 'jwt') : await readFile(file, 'utf8')
    return await write(it.client, `auth/${it.mount}/login`, { jwt: jwt.trim(), role })
  },
})

export const loginMethods: Readonly<Record<string, LoginMethod>> = {
  token,
  userpass: byPassword('userpass'),
  radius: byPassword('radius'),
  ldap: byPassword('ldap'),
  approle,
  cert,
  jwt: byJwt('jwt', undefined),
  kubernetes: byJwt('kubernetes', SERVICE_ACCOUNT),
  oidc,
}
