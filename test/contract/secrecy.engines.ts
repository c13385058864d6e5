import { ask, pick, type Process } from './harness/installation.ts'

/** What a part of the working day is done with. */
export interface Day {
  readonly at: Process
  readonly root: string
  /** A value of our own, like no other, that must not be found anywhere. */
  plant(name: string): string
  /** A value that the server made, and that must not be found either. */
  keep(name: string, text: string): string
  /** A request that must succeed. */
  does(method: string, path: string, body?: unknown, token?: string): Promise<unknown>
}

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
const base32 = (): string => Array.from(crypto.getRandomValues(new Uint8Array(32)), it => BASE32[it % 32]).join('')

export async function userpassDay({ at, root, plant, keep, does }: Day): Promise<void> {
  await does('POST', 'sys/auth/userpass', { type: 'userpass' })
  const password = plant('password')
  await does('POST', 'auth/userpass/users/ann', { password: plant('first password'), token_policies: ['first'] })
  await does('POST', 'auth/userpass/users/ann/password', { password })
  keep('login by password: token', pick(await does('POST', 'auth/userpass/login/ann', { password }), 'auth', 'client_token'))
  for (const [path, body] of [
    ['login/ann', { password: plant('wrong password') }],
    ['login/nobody', { password: plant('password of nobody') }],
    ['users/ann', { password: plant('password that is too long').padEnd(80, '.') }],
    ['users/ann', { password_hash: plant('hash that is none') }],
    ['users/ann', { password: plant('password beside a hash'), password_hash: plant('hash beside a password') }],
    ['users/nobody/password', { password: plant('password for nobody') }],
  ] as const)
    await ask(at, 'POST', `auth/userpass/${path}`, { token: root, body })
}

export async function totpDay({ at, root, plant, keep, does }: Day): Promise<void> {
  await does('POST', 'sys/mounts/totp', { type: 'totp' })
  const made = await does('POST', 'totp/keys/made', { generate: true, issuer: 'lockstep', account_name: 'ann' })
  const url = keep('key URI', pick(made, 'data', 'url'))
  keep('barcode', pick(made, 'data', 'barcode'))
  keep('key that was made', new URL(url).searchParams.get('secret') ?? '')
  const code = pick<string>(await does('GET', 'totp/code/made'), 'data', 'code')
  for (const _ of ['taken', 'taken before']) await ask(at, 'POST', 'totp/code/made', { token: root, body: { code } })
  const [given, inUrl] = [keep('key that was brought', base32()), keep('key in a URI that was brought', base32())]
  await does('POST', 'totp/keys/given', { key: given, account_name: 'bob' })
  await does('POST', 'totp/keys/url', { url: `otpauth://totp/lockstep:bob?secret=${inUrl}&issuer=lockstep` })
  for (const body of [
    { key: plant('key that is none') },
    { url: plant('URI that is none') },
    { url: `otpauth://totp/x?secret=${plant('secret of a URI that is none')}&digits=x` },
    { generate: true, key: plant('key where one is to be made') },
  ])
    await ask(at, 'POST', 'totp/keys/bad', { token: root, body })
  await ask(at, 'POST', 'totp/code/made', { token: root, body: { code: plant('code that is none') } })
}

export async function transitDay({ at, root, plant, keep, does }: Day): Promise<void> {
  await does('POST', 'sys/mounts/transit', { type: 'transit' })
  await does('POST', 'transit/keys/app', { exportable: true, allow_plaintext_backup: true })
  const plaintext = base64(plant('plaintext'))
  const ciphertext = pick<string>(await does('POST', 'transit/encrypt/app', { plaintext }), 'data', 'ciphertext')
  await does('POST', 'transit/encrypt/app', {
    batch_input: [1, 2].map(it => ({ plaintext: base64(plant(`plaintext ${it} of a batch`)), reference: plant(`reference ${it}`) })),
  })
  await does('POST', 'transit/decrypt/app', { ciphertext })
  await does('POST', 'transit/decrypt/app', { batch_input: [{ ciphertext }] })
  await does('POST', 'transit/hmac/app', { input: base64(plant('input of an HMAC')) })
  await does('POST', 'transit/hash', { input: base64(plant('input of a digest')) })
  await does('POST', 'transit/keys/derived', { derived: true })
  await does('POST', 'transit/encrypt/derived', { plaintext, context: base64(plant('context')) })
  await does('POST', 'transit/keys/signer', { type: 'ed25519', exportable: true })
  await does('POST', 'transit/sign/signer', { input: base64(plant('input of a signature')) })
  const dataKey = await does('POST', 'transit/datakey/plaintext/app')
  keep('data key', pick(dataKey, 'data', 'plaintext'))
  keep('random bytes', pick(await does('POST', 'transit/random/32'), 'data', 'random_bytes'))
  keep('exported key', pick(await does('GET', 'transit/export/encryption-key/app'), 'data', 'keys', '1'))
  keep('exported signing key', pick(await does('GET', 'transit/export/signing-key/signer'), 'data', 'keys', '1'))
  const backup = keep('backup of a key', pick(await does('GET', 'transit/backup/app'), 'data', 'backup'))
  await does('POST', 'transit/restore/again', { backup })
  await does('POST', 'transit/keys/app/rotate')
  await does('POST', 'transit/rewrap/app', { ciphertext })
  for (const [path, body] of [
    ['encrypt/app', { plaintext: plant('plaintext that is no base 64') }],
    ['encrypt/app', { batch_input: [{ plaintext: plant('plaintext of a batch that is no base 64') }] }],
    ['encrypt/app', { batch_input: plant('batch that is none') }],
    ['encrypt/derived', { plaintext, context: plant('context that is no base 64') }],
    ['encrypt/app', { plaintext, nonce: plant('nonce that is no base 64') }],
    ['decrypt/app', { ciphertext: plant('ciphertext that is none') }],
    ['decrypt/app', { ciphertext: `vault:v1:${plant('ciphertext with a prefix that is none')}` }],
    ['hash', { input: plant('input that is no base 64') }],
    ['restore/bad', { backup: plant('backup that is none') }],
    ['restore/bad', { backup: base64(plant('backup in base 64 that is none')) }],
    ['keys/bad/import', { type: 'aes256-gcm96', ciphertext: plant('key to import that is none') }],
    ['keys/bad/import', { type: 'rsa-2048', public_key: plant('public key to import that is none') }],
  ] as const)
    await ask(at, 'POST', `transit/${path}`, { token: root, body })
}

export async function passwordPolicyDay({ at, root, plant, keep, does }: Day): Promise<void> {
  const charset = 'abcdefghijklmnopqrstuvwxyz0123456789'
  await does('PUT', 'sys/policies/password/long', { policy: `length = 64\nrule "charset" {\n  charset = "${charset}"\n}\n` })
  keep('password by a policy', pick(await does('GET', 'sys/policies/password/long/generate'), 'data', 'password'))
  await ask(at, 'PUT', 'sys/policies/password/bad', {
    token: root,
    body: { policy: `length = 20\nrule "${plant('rule that is none')}" {}` },
  })
}

/** Nothing listens at port 1; and some of the URLs cannot be read. Gives what the server has answered. */
export async function databaseDay({ at, root, plant, does }: Day): Promise<readonly string[]> {
  await does('POST', 'sys/mounts/database', { type: 'database' })
  const postgresql = { plugin_name: 'postgresql-database-plugin', allowed_roles: '*', username: 'app' }
  const mysql = { plugin_name: 'mysql-database-plugin', allowed_roles: '*', username: 'app' }
  const redis = { plugin_name: 'redis-database-plugin', allowed_roles: '*', username: 'app', host: '127.0.0.1', port: 1 }
  const secret = (name: string): string => plant(`password of a database, ${name}`)
  const templated = 'postgresql://{{username}}:{{password}}@127.0.0.1:1/app?sslmode=disable'
  const configs = [
    { ...postgresql, connection_url: templated, password: secret('templated') },
    { ...postgresql, connection_url: templated, password: `${secret('with signs')}'"\\/@:%` },
    { ...postgresql, connection_url: `postgresql://app:${secret('in the URL')}@127.0.0.1:1/app?sslmode=disable` },
    { ...postgresql, connection_url: `postgresql://app:${secret('in a URL with a bad port')}@127.0.0.1:port/app` },
    { ...postgresql, connection_url: `postgresql://app:${secret('in a URL with a bad host')}@[127.0.0.1/app` },
    { ...postgresql, connection_url: `postgresql://app:%zz${secret('in a URL with a bad escape')}@127.0.0.1/app` },
    { ...postgresql, connection_url: `postgresql://app:${secret('in a URL with a bad word')}@127.0.0.1:1/app?sslmode=perhaps` },
    { ...postgresql, connection_url: `host=127.0.0.1 port=1 user=app password=${secret('in words')} dbname=app` },
    { ...postgresql, connection_url: `host=127.0.0.1 port=one user=app password=${secret('in bad words')}` },
    { ...postgresql, connection_url: `host=127.0.0.1 password='${secret('in words with a quote')}` },
    { ...mysql, connection_url: '{{username}}:{{password}}@tcp(127.0.0.1:1)/', password: secret('MySQL') },
    { ...mysql, connection_url: `app:${secret('in the name of a MySQL source')}@tcp(127.0.0.1:1)/` },
    { ...mysql, connection_url: `app:${secret('in the name of a MySQL source without end')}@tcp(127.0.0.1` },
    { ...mysql, connection_url: `app:${secret('in the name of a MySQL source without slash')}` },
    {
      ...mysql,
      connection_url: '{{username}}:{{password}}@tcp(127.0.0.1:1)/',
      password: secret('key'),
      tls_certificate_key: secret('PEM'),
    },
    { ...redis, password: secret('Redis') },
    { ...redis, port: secret('as a port'), password: secret('with a bad port') },
    { ...redis, password: secret('with a bad CA'), tls: true, ca_cert: 'none' },
  ]
  const answers: string[] = []
  const hears = async (method: string, path: string, body?: unknown): Promise<void> => {
    const { status, text } = await ask(at, method, `database/${path}`, { token: root, ...(body !== undefined && { body }) })
    answers.push(`${method} ${path}: ${status} ${text}`)
  }
  for (const [index, config] of configs.entries()) {
    await hears('POST', `config/c${index}`, config)
    await hears('POST', `config/c${index}`, { ...config, verify_connection: false })
    await hears('GET', `config/c${index}`)
    await hears('POST', `roles/c${index}`, { db_name: `c${index}`, creation_statements: `CREATE ROLE "{{name}}" PASSWORD '{{password}}'` })
    await hears('GET', `creds/c${index}`)
    await hears('POST', `static-roles/c${index}`, { db_name: `c${index}`, username: 'app', rotation_period: '1h' })
    await hears('POST', `rotate-root/c${index}`)
    await hears('POST', `reset/c${index}`)
  }
  return answers
}

export async function kubernetesDay({ at, root, plant, does }: Day): Promise<void> {
  await does('POST', 'sys/auth/kubernetes', { type: 'kubernetes' })
  const config = { kubernetes_host: 'https://127.0.0.1:1', kubernetes_ca_cert: 'none', disable_local_ca_jwt: true }
  await does('POST', 'auth/kubernetes/config', { ...config, token_reviewer_jwt: plant('token of a reviewer') })
  const role = { bound_service_account_names: '*', bound_service_account_namespaces: '*', audience: 'lockstep', token_policies: 'first' }
  await does('POST', 'auth/kubernetes/role/app', role)
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = { aud: ['lockstep'], 'kubernetes.io': { namespace: 'app', serviceaccount: { name: 'app', uid: 'app' } } }
  const jwt = (name: string, more: object = {}): string =>
    [part({ alg: 'RS256' }), part({ jti: plant(`id of a token ${name}`), ...claims, ...more }), base64url(plant(`signature ${name}`))].join(
      '.',
    )
  for (const token of [
    jwt('that nobody vouches for'),
    jwt('for others', { aud: ['others'] }),
    jwt('of the wrong form', { 'kubernetes.io': 'x' }),
    plant('token of a pod that is none'),
  ])
    await ask(at, 'POST', 'auth/kubernetes/login', { body: { role: 'app', jwt: token } })
  await ask(at, 'POST', 'auth/kubernetes/config', { token: root, body: { ...config, pem_keys: [plant('key that is none')] } })
}
const base64url = (text: string): string => Buffer.from(text).toString('base64url')

/** New shares, a new root key, another root token. Gives the shares that are in force then. */
export async function quorumDay({ at, root, plant, keep, does }: Day, shares: readonly string[]): Promise<readonly string[]> {
  const nonceOf = (answer: unknown): string => pick(answer, 'data', 'nonce') ?? pick(answer, 'nonce')
  const nonce = nonceOf(await does('POST', 'sys/rotate/root/init', { secret_shares: 5, secret_threshold: 3 }))
  await ask(at, 'POST', 'sys/rotate/root/update', { token: root, body: { key: plant('share for new shares that is none'), nonce } })
  let done: unknown
  for (const key of shares.slice(0, 3)) done = await does('POST', 'sys/rotate/root/update', { key, nonce })
  const fresh = pick<readonly string[]>(done, 'data', 'keys') ?? pick<readonly string[]>(done, 'keys')
  await does('POST', 'sys/rotate/root')

  const started = await does('POST', 'sys/generate-root-token/attempt', {})
  const otp = keep('pad', pick(started, 'data', 'otp') ?? pick(started, 'otp'))
  const body = { nonce: nonceOf(started) }
  await ask(at, 'POST', 'sys/generate-root-token/update', { token: root, body: { ...body, key: plant('share for a token that is none') } })
  for (const key of fresh.slice(0, 3)) done = await does('POST', 'sys/generate-root-token/update', { ...body, key })
  const encoded = keep('token under its pad', pick(done, 'data', 'encoded_token') ?? pick(done, 'encoded_token'))
  const decoded = await does('POST', 'sys/decode-token', { encoded_token: encoded, otp })
  await does('GET', 'auth/token/lookup-self', undefined, keep('generated root token', pick(decoded, 'data', 'token')))
  await ask(at, 'POST', 'sys/decode-token', {
    body: { encoded_token: plant('token under a pad that is none'), otp: plant('pad that is none') },
  })
  return fresh
}
