/**
 * The commands of a well-known lesson about secrets in Kubernetes, word for word, by our command line under the name `vault`, with a
 * shell, a cluster's API, a PostgreSQL and our server. Only two things are made up: names of hosts lead to this machine
 * (scripts/demo/hosts.mjs), and `cat` finds the files of a pod in a folder of the test.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { podFiles, startWorld, type World } from '../../scripts/demo/world.ts'

const CAT = `#!/bin/sh
for word; do
  shift
  case $word in /var/run/secrets/kubernetes.io/serviceaccount/*) word=$POD/\${word##*/} ;; esac
  set -- "$@" "$word"
done
exec "$(command -pv cat)" "$@"
`

const POLICY = `# payments-read.hcl — least-privilege policy for the payments-api service
path "secret/data/payments/*" { capabilities = ["read"] }
path "database/creds/payments-readonly" { capabilities = ["read"] }
# Deny access to everything else (implicit, but explicit denial is possible)
path "secret/data/payments/admin/*" { capabilities = ["deny"] }
`

let world: World
let pods: { readonly vault: string; readonly app: string }
beforeAll(async () => {
  world = await startWorld()
  const cat = join(world.folder, 'bin', 'cat')
  writeFileSync(cat, CAT)
  chmodSync(cat, 0o755)
  pods = { vault: join(world.folder, 'vault-pod'), app: join(world.folder, 'app-pod') }
  await podFiles(world, 'vault', 'vault', pods.vault)
  await podFiles(world, 'production', 'payments-api', pods.app)
  world.kubernetes.reviewers.add('vault/vault')
  writeFileSync(join(world.folder, 'payments-read.hcl'), POLICY)
})
afterAll(() => world?.stop())

interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** As somebody types it, in the pod of the server unless another is named. */
async function run(script: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const child = spawn('sh', ['-c', script], { cwd: world.folder, env: { ...world.env, POD: pods.vault, ...env } })
  let [out, err] = ['', '']
  child.stdout.on('data', chunk => (out += String(chunk)))
  child.stderr.on('data', chunk => (err += String(chunk)))
  const [code] = (await once(child, 'close')) as [number]
  return { code, out, err }
}
const inApp = (token = ''): Readonly<Record<string, string>> => ({ POD: pods.app, VAULT_TOKEN: token })
const field = (out: string, name: string): string =>
  new RegExp(`^${name} +(\\S+)$`, 'm').exec(out)?.[1] ?? expect.fail(`no ${name} in ${out}`)
const users = (): Promise<readonly Record<string, unknown>[]> =>
  world.postgres.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'")

describe('the lesson, word for word', () => {
  let token = ''
  let lease = ''
  let user = { username: '', password: '' }

  it('writes, shows and formats the policy', async () => {
    expect(await run('vault policy write payments-read payments-read.hcl')).toEqual({
      code: 0,
      out: 'Success! Uploaded policy: payments-read\n',
      err: '',
    })
    expect((await run('vault policy read payments-read')).out).toContain('database/creds/payments-readonly')
    const formatted = await run('vault policy fmt payments-read.hcl')
    expect(formatted).toMatchObject({ code: 0, out: 'Success! Formatted policy: payments-read.hcl\n' })
    expect(readFileSync(join(world.folder, 'payments-read.hcl'), 'utf8')).toContain('path "secret/data/payments/*" {\n')
  })

  it('enables Kubernetes auth, configures it, and makes the role', async () => {
    const script = `
# Enable Kubernetes auth method
vault auth enable kubernetes
# Configure it to validate against the cluster's API server
vault write auth/kubernetes/config \\
  kubernetes_host="https://kubernetes.default.svc:443" \\
  token_reviewer_jwt="$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)" \\
  kubernetes_ca_cert="$(cat /var/run/secrets/kubernetes.io/serviceaccount/ca.crt)"
# Create a role: map a Kubernetes service account to a Vault policy
vault write auth/kubernetes/role/payments-api \\
  bound_service_account_names=payments-api \\
  bound_service_account_namespaces=production \\
  policies=payments-read \\
  ttl=1h
`
    expect(await run(script)).toEqual({
      code: 0,
      out: `Success! Enabled kubernetes auth method at: kubernetes/
Success! Data written to: auth/kubernetes/config
Success! Data written to: auth/kubernetes/role/payments-api
`,
      err: '',
    })
  })

  it('mounts the database engine, configures it, and makes the role', async () => {
    const script = `
# Mount and configure the Database secret engine for PostgreSQL
vault secrets enable -path=database database
vault write database/config/payments-db \\
  plugin_name=postgresql-database-plugin \\
  allowed_roles="payments-readonly,payments-readwrite" \\
  connection_url="postgresql://{{username}}:{{password}}@postgres.internal:5432/payments" \\
  username="vault-root" \\
  password="<initial-root-pw>"
# Define a role: what SQL runs when Vault creates a credential
vault write database/roles/payments-readonly \\
  db_name=payments-db \\
  creation_statements="CREATE ROLE \\"{{name}}\\" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'; \\
    GRANT SELECT ON ALL TABLES IN SCHEMA public TO \\"{{name}}\\";" \\
  default_ttl="1h" \\
  max_ttl="24h"
`
    expect(await run(script)).toEqual({
      code: 0,
      out: `Success! Enabled the database secrets engine at: database/
Success! Data written to: database/config/payments-db
Success! Data written to: database/roles/payments-readonly
`,
      err: '',
    })
  })

  it('logs the pod in', async () => {
    const script = `
# From inside the Pod, authenticate and retrieve a token
vault write auth/kubernetes/login \\
  role=payments-api \\
  jwt="$(cat /var/run/secrets/kubernetes.io/serviceaccount/token)"
`
    const { code, out } = await run(script, inApp())
    expect(code).toBe(0)
    token = field(out, 'token')
    expect(field(out, 'token_duration')).toBe('1h')
    expect(out).toMatch(/^token_policies +\["default" "payments-read"\]$/m)
    expect(field(out, 'token_meta_service_account_namespace')).toBe('production')
  })

  it('shows what the token is good for', async () => {
    const { code, out } = await run(`vault token lookup ${token}`)
    expect(code).toBe(0)
    expect(field(out, 'display_name')).toBe('kubernetes-production-payments-api')
    expect(out).toMatch(/^policies +\[default payments-read\]$/m)
  })

  it('gives the pod a database user of its own', async () => {
    const { code, out } = await run('vault read database/creds/payments-readonly', inApp(token))
    expect(code).toBe(0)
    expect(field(out, 'lease_duration')).toBe('1h')
    lease = field(out, 'lease_id')
    user = { username: field(out, 'username'), password: field(out, 'password') }
    expect(user.username).toMatch(/^v-kubernet-payments-/)
    expect(await world.query(user.username, user.password, 'SELECT sum(amount)::text FROM payments')).toEqual(['111.50'])
    await expect(world.query(user.username, user.password, 'DELETE FROM payments')).rejects.toThrow('permission denied')
  })

  it('lets it nowhere else', async () => {
    for (const command of [
      'vault read database/config/payments-db',
      'vault kv get secret/payments/admin/acquirer',
      'vault list auth/kubernetes/role',
    ]) {
      const { code, err } = await run(command, inApp(token))
      expect([command, code]).toEqual([command, 2])
      expect(err).toContain('permission denied')
    }
  })

  it('renews the lease, and revokes all of the role at once: the database knows its users no more', async () => {
    expect(field((await run(`vault lease renew ${lease}`)).out, 'lease_duration')).toBe('1h')
    await run('vault read database/creds/payments-readonly', inApp(token))
    expect(await users()).toHaveLength(2)
    expect((await run('vault lease revoke -sync -prefix database/creds/payments-readonly')).code).toBe(0)
    expect(await users()).toEqual([])
    await expect(world.query(user.username, user.password, 'SELECT 1')).rejects.toThrow('password authentication failed')
  })

  it('revokes what a token was given with the token', async () => {
    await run('vault read database/creds/payments-readonly', inApp(token))
    expect(await users()).toHaveLength(1)
    expect((await run(`vault token revoke ${token}`)).code).toBe(0)
    await expect.poll(users, { timeout: 20_000 }).toEqual([])
    expect((await run('vault read database/creds/payments-readonly', inApp(token))).err).toContain('permission denied')
  })

  it('never lets the reviewer token or the root password be read back', async () => {
    const reviewer = readFileSync(join(pods.vault, 'token'), 'utf8')
    const shown = [
      await run('vault read -format=json auth/kubernetes/config'),
      await run('vault read -format=json database/config/payments-db'),
    ]
    for (const { code, out } of shown) {
      expect(code).toBe(0)
      expect(out).not.toContain(reviewer)
      expect(out).not.toContain('<initial-root-pw>')
    }
  })
})
