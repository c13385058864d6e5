import { send } from './harness/http.ts'
import { ask, demand, pick, type Process } from './harness/installation.ts'
import { databaseDay, kubernetesDay, passwordPolicyDay, quorumDay, totpDay, transitDay, userpassDay } from './secrecy.engines.ts'
import { keySecret, secret, type Secret } from './secrecy.forms.ts'

export interface WorkingDay {
  /** What must not be found anywhere. */
  readonly secrets: readonly Secret[]
  /** Those in force in the evening. */
  readonly shares: readonly string[]
  /** What was said of databases that cannot be reached. */
  readonly answers: readonly string[]
}

/** Works through every engine, auth method and system endpoint with planted values. */
export async function workingDay(at: Process, root: string, shares: readonly string[]): Promise<WorkingDay> {
  const found: Secret[] = []
  /** A value of our own, like no other. */
  const plant = (name: string): string => {
    const text = `Marker-${name.replaceAll(/\W+/g, '-')}-${crypto.randomUUID()}`
    found.push(secret(name, text))
    return text
  }
  /** A value that the server made. */
  const keep = (name: string, text: string): string => {
    found.push(...(/^hv[sbr]\./.test(text) ? keySecret(name, text.slice(4), 'base64url') : []), secret(name, text))
    return text
  }
  const does = async (method: string, path: string, body?: unknown, token = root): Promise<unknown> =>
    demand(at, method, path, { token, ...(body !== undefined && { body }) })
  const token = async (name: string, path: string, body: unknown, by = root): Promise<{ token: string; accessor: string }> => {
    const made = await does('POST', path, body, by)
    return {
      token: keep(`${name}: token`, pick(made, 'auth', 'client_token')),
      accessor: keep(`${name}: accessor`, pick(made, 'auth', 'accessor')),
    }
  }

  // ---- mounts and policies
  await does('POST', 'sys/mounts/plain', { type: 'kv', description: plant('description of a mount') })
  await does('POST', 'sys/mounts/kv', { type: 'kv', options: { version: '2' } })
  await does('POST', 'sys/auth/approle', { type: 'approle' })
  const policy = (name: string): string =>
    `# ${plant(`comment in ${name}`)}\npath "kv/data/${plant(`path in ${name}`)}" { capabilities = ["read"] }\n`
  await does('PUT', 'sys/policies/acl/first', { policy: policy('a policy') })
  await does('PUT', 'sys/policies/acl/first', { policy: policy('a policy that was changed') })
  await does('PUT', 'sys/policies/acl/gone', { policy: policy('a policy that was deleted') })
  await does('DELETE', 'sys/policies/acl/gone')

  // ---- kv, both versions
  const long = (name: string): string => `${plant(name)}${'.'.repeat(20_000)}${plant(`${name}, at the end`)}`
  await does('PUT', 'plain/one', { [plant('name of a field in kv 1')]: plant('value in kv 1'), n: 1.5 })
  await does('PUT', 'plain/one', { v: plant('changed value in kv 1') })
  await does('PUT', 'plain/long', { v: long('long value in kv 1') })
  await does('PUT', 'plain/gone', { v: plant('deleted value in kv 1') })
  await does('DELETE', 'plain/gone')
  for (const n of [1, 2, 3])
    await does('POST', 'kv/data/app', { data: { [plant(`name of a field in kv 2, ${n}`)]: plant(`version ${n} in kv 2`) } })
  await patch(at, root, { data: { patched: plant('patched value in kv 2') } })
  await does('POST', 'kv/delete/app', { versions: [1] })
  await does('POST', 'kv/destroy/app', { versions: [2] })
  await does('POST', 'kv/metadata/app', { custom_metadata: { owner: plant('custom metadata') } })
  await does('POST', 'kv/data/gone', { data: { v: plant('deleted value in kv 2') } })
  await does('DELETE', 'kv/metadata/gone')

  // ---- tokens
  const app = await token('token', 'auth/token/create', {
    policies: ['first'],
    ttl: '1h',
    display_name: plant('display name'),
    meta: { of: plant('meta of a token') },
  })
  await token('child of a token', 'auth/token/create', { ttl: '10m' }, root)
  await token('periodic token', 'auth/token/create', { period: '1h' })
  await token('orphan', 'auth/token/create-orphan', { ttl: '1h' })
  const batch = await does('POST', 'auth/token/create', {
    type: 'batch',
    policies: ['first'],
    ttl: '1h',
    meta: { of: plant('meta of a batch token') },
  })
  keep('batch token', pick(batch, 'auth', 'client_token'))
  const own = plant('custom token id')
  await does('POST', 'auth/token/create', { id: own, ttl: '1h' })
  await does('GET', 'auth/token/lookup-self', undefined, own)
  await does('POST', 'auth/token/roles/deploy', { allowed_policies: ['first'], orphan: true })
  await token('token of a role', 'auth/token/create/deploy', {})
  await does('POST', 'auth/token/renew', { token: app.token })
  await does('POST', 'auth/token/lookup-accessor', { accessor: app.accessor })
  const limited = await token('token of two uses', 'auth/token/create', { num_uses: 2 })
  await does('GET', 'auth/token/lookup-self', undefined, limited.token)
  await does('GET', 'auth/token/lookup-self', undefined, limited.token)
  const revoked = await token('revoked token', 'auth/token/create', {})
  await does('POST', 'auth/token/revoke', { token: revoked.token })
  const accessed = await token('token revoked by its accessor', 'auth/token/create', {})
  await does('POST', 'auth/token/revoke-accessor', { accessor: accessed.accessor })

  // ---- cubbyhole and wrapping
  await does('PUT', 'cubbyhole/mine', { v: plant('value in a cubbyhole') }, app.token)
  await does('PUT', 'cubbyhole/gone', { v: plant('value in the cubbyhole of a revoked token') }, own)
  await does('POST', 'auth/token/revoke', { token: own })
  const wrap = async (name: string): Promise<string> => {
    const { text } = await sent(at, root, name, plant)
    const wrapped = keep(`${name}: token`, pick(JSON.parse(text), 'wrap_info', 'token'))
    keep(`${name}: accessor`, pick(JSON.parse(text), 'wrap_info', 'accessor'))
    return wrapped
  }
  await wrap('wrapped value')
  await does('POST', 'sys/wrapping/unwrap', { token: await wrap('wrapped and unwrapped value') })
  const again = await does('POST', 'sys/wrapping/rewrap', { token: await wrap('rewrapped value') })
  keep('rewrapped value: second token', pick(again, 'wrap_info', 'token'))

  // ---- approle
  await does('POST', 'auth/approle/role/app', { token_policies: ['first'], token_ttl: '20m', secret_id_num_uses: 3 })
  const roleId = keep('role id', pick(await does('GET', 'auth/approle/role/app/role-id'), 'data', 'role_id'))
  await does('POST', 'auth/approle/role/chosen', { token_policies: ['first'] })
  await does('POST', 'auth/approle/role/chosen/role-id', { role_id: plant('chosen role id') })
  await does('POST', 'auth/approle/role/chosen/custom-secret-id', { secret_id: plant('chosen secret id') })
  const secretId = async (name: string): Promise<string> => {
    const made = await does('POST', 'auth/approle/role/app/secret-id', { metadata: JSON.stringify({ of: plant(`metadata of a ${name}`) }) })
    keep(`accessor of a ${name}`, pick(made, 'data', 'secret_id_accessor'))
    return keep(name, pick(made, 'data', 'secret_id'))
  }
  const id = await secretId('secret id')
  await token('login', 'auth/approle/login', { role_id: roleId, secret_id: id })
  await does('POST', 'auth/approle/role/app/secret-id/lookup', { secret_id: id })
  await does('POST', 'auth/approle/role/app/secret-id/destroy', { secret_id: await secretId('destroyed secret id') })

  const day = { at, root, plant, keep, does }
  await does('POST', 'sys/audit-hash/day', { input: plant('text to hash as audit does') })
  for (const part of [userpassDay, totpDay, transitDay, passwordPolicyDay, kubernetesDay]) await part(day)
  const answers = await databaseDay(day)
  await refused(at, root, plant)
  await does('POST', 'sys/rotate')
  const fresh = await quorumDay(day, shares)
  await does('POST', 'kv/data/after', { data: { v: plant('value under the second key') } })
  return { secrets: found, shares: fresh, answers }
}

/** Wraps a planted value, and gives the answer. */
async function sent(at: Process, root: string, name: string, plant: (name: string) => string): Promise<{ readonly text: string }> {
  const headers = { 'x-vault-token': root, 'x-vault-wrap-ttl': '5m' }
  return send(at.address, { method: 'POST', path: '/v1/sys/wrapping/wrap', headers, body: JSON.stringify({ v: plant(name) }) })
}

async function patch(at: Process, root: string, body: unknown): Promise<void> {
  const headers = { 'x-vault-token': root, 'content-type': 'application/merge-patch+json' }
  const { status, text } = await send(at.address, { method: 'PATCH', path: '/v1/kv/data/app', headers, body: JSON.stringify(body) })
  if (status !== 200) throw new Error(`PATCH: ${status} ${text}`)
}

/** What is refused is as secret as what is kept: a typing error away from it. */
async function refused(at: Process, token: string, plant: (name: string) => string): Promise<void> {
  const bad: readonly (readonly [method: string, path: string, token: string | undefined, body: unknown])[] = [
    ['GET', 'kv/data/app', plant('token that is none'), undefined],
    ['GET', 'kv/data/app', `hvs.${plant('token that is none, with the prefix')}`, undefined],
    ['POST', 'kv/data/app', token, `{"data": {"v": "${plant('value in broken JSON')}"`],
    ['POST', 'kv/data/app', token, plant('body that is no JSON')],
    ['POST', 'kv/data/app', token, { data: plant('value that should be a map') }],
    ['POST', 'kv/data/app', token, { options: { cas: 99 }, data: { v: plant('value that comes too late') } }],
    ['PUT', 'sys/policies/acl/bad', token, { policy: `path "${plant('path in a policy that is none')}" { capabilities = ["fly"] }` }],
    ['PUT', 'sys/policies/acl/bad', token, { policy: `path "x" { # ${plant('comment in a policy that is none')}` }],
    ['POST', 'auth/approle/login', undefined, { role_id: plant('role id that is none'), secret_id: plant('secret id that is none') }],
    ['POST', 'auth/token/lookup', token, { token: plant('token to look up that is none') }],
    ['POST', 'auth/token/lookup-accessor', token, { accessor: plant('accessor that is none') }],
    ['POST', 'auth/token/create', token, { id: `s.${plant('custom id that is refused')}` }],
    ['POST', 'sys/wrapping/unwrap', undefined, { token: plant('wrapping token that is none') }],
    ['PUT', 'sys/unseal', undefined, { key: plant('share that is none') }],
    ['POST', 'auth/approle/role/app/secret-id', token, { metadata: plant('metadata that is none') }],
    ['GET', `nowhere?token=${plant('token in a query')}`, token, undefined],
  ]
  for (const [method, path, by, body] of bad)
    await ask(at, method, path, { ...(by !== undefined && { token: by }), ...(body !== undefined && { body }) })
}
