/**
 * `npm run bench`: how many decisions a second the ACL makes, and how many requests our server answers a second, on its durable store, with audit off; `-- --peer` measures OpenBao (raft)
 * the same way and compares. Client and server share the machine, so read the numbers beside each other, not alone.
 */
import { parseArgs } from 'node:util'
import { baoBinary, installBao } from '../test/contract/harness/bao.ts'
import { send } from '../test/contract/harness/http.ts'
import { startOurs, startPeer, type RunningServer } from '../test/contract/harness/server.ts'
import { decisionsPerSecond } from './acl.ts'
import { languageNumbers } from './language.ts'
import { cpuSeconds } from './cpu.ts'
import { measureDatabase, type Ask } from './database.ts'
import { load, message, type Measured, type Message } from './load.ts'
import { reconcileTimes } from './reconcile.ts'

const { values } = parseArgs({
  options: {
    peer: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '16' },
    only: { type: 'string' },
    scale: { type: 'string', default: '1' },
  },
})

interface Prepared {
  readonly token: string
  readonly roleId: string
  readonly secretId: string
  readonly root: string
  readonly ask: Ask
}

interface Case {
  readonly name: string
  readonly next: (prepared: Prepared) => (n: number) => Message
}

const cases: readonly Case[] = [
  { name: 'sys/health', next: () => always(message('GET', 'sys/health', undefined)) },
  { name: 'KV v2 read', next: ({ token }) => always(message('GET', 'kv/data/app', token)) },
  {
    name: 'KV v2 write, one key a request',
    next:
      ({ token }) =>
      n =>
        message('POST', `kv/data/w/${n}`, token, { data: { password: 'correct horse', n } }),
  },
  { name: 'token lookup-self', next: ({ token }) => always(message('GET', 'auth/token/lookup-self', token)) },
  { name: 'token create', next: ({ token }) => always(message('POST', 'auth/token/create', token, { policies: ['default'], ttl: '1h' })) },
  {
    name: 'AppRole login',
    next: ({ roleId, secretId }) => always(message('POST', 'auth/approle/login', undefined, { role_id: roleId, secret_id: secretId })),
  },
  { name: 'transit encrypt', next: ({ token }) => always(message('POST', 'transit/encrypt/aes', token, { plaintext: TEXT })) },
  {
    name: 'transit encrypt, batches of 100',
    next: ({ token }) =>
      always(message('POST', 'transit/encrypt/aes', token, { batch_input: Array.from({ length: 100 }, () => ({ plaintext: TEXT })) })),
  },
  { name: 'transit sign, Ed25519', next: ({ token }) => always(message('POST', 'transit/sign/ed25519', token, { input: TEXT })) },
  { name: 'userpass login', next: () => always(message('POST', 'auth/userpass/login/ada', undefined, { password: 'correct horse' })) },
]
const TEXT = Buffer.from('correct horse battery staple').toString('base64')

function always(one: Message): () => Message {
  return () => one
}

/** Initialises, unseals, and lays out what the cases need. The token is no root token: its policies are to be paid for. */
async function prepare({ address }: RunningServer): Promise<Prepared> {
  const ask: Ask = async (method, path, token, body) => {
    const headers = token === undefined ? {} : { 'x-vault-token': token }
    const answer = await send(address, {
      method,
      path: `/v1/${path}`,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`)
    return (answer.text === '' ? {} : JSON.parse(answer.text)) as Record<string, Record<string, unknown>>
  }
  const init = (await ask('PUT', 'sys/init', undefined, { secret_shares: 1, secret_threshold: 1 })) as unknown as {
    keys: string[]
    root_token: string
  }
  await ask('PUT', 'sys/unseal', undefined, { key: init.keys[0] })
  while ((await send(address, { method: 'GET', path: '/v1/sys/health' })).status !== 200);
  const root = init.root_token
  await ask('POST', 'sys/mounts/kv', root, { type: 'kv-v2' })
  for (let tries = 0; tries < 100; tries++) {
    const { status } = await send(address, {
      method: 'POST',
      path: '/v1/kv/data/app',
      headers: { 'x-vault-token': root },
      body: '{"data":{"user":"ada","password":"correct horse battery staple"}}',
    })
    if (status === 200) break
  }
  await ask('PUT', 'sys/policies/acl/bench', root, {
    policy:
      'path "kv/data/*" { capabilities = ["create", "read", "update"] }\npath "auth/token/create" { capabilities = ["update"] }\npath "transit/*" { capabilities = ["update"] }',
  })
  await ask('POST', 'sys/mounts/transit', root, { type: 'transit' })
  await ask('POST', 'transit/keys/aes', root, {})
  await ask('POST', 'transit/keys/ed25519', root, { type: 'ed25519' })
  await ask('POST', 'sys/auth/userpass', root, { type: 'userpass' })
  await ask('POST', 'auth/userpass/users/ada', root, { password: 'correct horse', token_policies: ['bench'] })
  await ask('POST', 'sys/auth/approle', root, { type: 'approle' })
  await ask('POST', 'auth/approle/role/bench', root, { token_policies: ['bench'], token_ttl: '1h' })
  const roleId = (await ask('GET', 'auth/approle/role/bench/role-id', root))['data']?.['role_id'] as string
  const secretId = (await ask('POST', 'auth/approle/role/bench/secret-id', root, {}))['data']?.['secret_id'] as string
  const token = (await ask('POST', 'auth/token/create', root, { policies: ['bench'] }))['auth']?.['client_token'] as string
  return { token, roleId, secretId, root, ask }
}

/** What the load measured, and what the server spent on it. */
interface Result extends Measured {
  /** Microseconds of the server's CPU a request. Tells on a busy machine what the rate does not. */
  readonly cpu?: number
}

async function measure(server: RunningServer): Promise<ReadonlyMap<string, Result>> {
  const port = Number(new URL(server.address).port)
  const [connections, seconds] = [Number(values.connections), Number(values.seconds)]
  const results = new Map<string, Result>()
  try {
    const prepared = await prepare(server)
    for (const { name, next } of cases.filter(({ name }) => values.only === undefined || name.includes(values.only))) {
      await load(port, connections, Math.min(1, seconds), next(prepared))
      const before = cpuSeconds(server.pid)
      const measured = await load(port, connections, seconds, next(prepared))
      const cpu = ((cpuSeconds(server.pid) - before) / measured.perSecond / seconds) * 1e6
      if (measured.failed > 0) throw new Error(`${name}: ${measured.failed} requests failed\n${server.log()}`)
      results.set(name, { ...measured, cpu })
    }
    if (values.only === undefined || 'database'.includes(values.only)) {
      const secret = message('GET', 'kv/data/app', prepared.token)
      const { creds, revokedPerSecond, readsInStorm } = await measureDatabase(
        server,
        prepared.ask,
        prepared.root,
        connections,
        seconds,
        secret,
      )
      if (creds.failed > 0) throw new Error(`database: ${creds.failed} requests failed\n${server.log()}`)
      results.set('database creds read', creds)
      results.set('KV v2 read, 2,000 leases ending', readsInStorm)
      results.set('database leases revoked of 10,000', { perSecond: revokedPerSecond, p50: 0, p99: 0, failed: 0 })
    }
  } finally {
    await server.stop()
  }
  return results
}

const number = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits })

const decisions = 'ACL decision'
if (values.only === undefined || decisions.includes(values.only)) {
  for (const count of [10, 1000])
    console.log(`${`${decisions}, ${number(count)} rules`.padEnd(32)} ${number(decisionsPerSecond(count)).padStart(9)}`)
  console.log()
}
const language = 'policy language'
if (values.only === undefined || language.includes(values.only)) {
  if (values.peer) await installBao()
  const { parse, format, fmtCheck, lint, one, peerOne } = languageNumbers(values.peer ? baoBinary() : undefined)
  const row = (name: string, value: string): void => console.log(`${name.padEnd(40)} ${value.padStart(9)}`)
  row('parse a policy, MB/s', number(parse, 1))
  row('format a policy, MB/s', number(format, 1))
  row('fmt -check of 2,000 files, s of CPU', number(fmtCheck, 2))
  row('lint of 2,000 files, s of CPU', number(lint, 2))
  row('policy fmt of one file, ms', number(one.wall * 1000))
  if (peerOne !== undefined)
    row("the peer's policy fmt of it, ms", `${number(peerOne.wall * 1000)}   ${number(peerOne.wall / one.wall, 1)} times`)
  console.log()
}
const reconciling = 'reconcile'
if (values.only === undefined || reconciling.includes(values.only)) {
  if (values.peer) await installBao()
  const scale = Number(values.scale)
  console.log(`${scale} × (1,000 policies, 500 AppRole roles, 50 mounts with a config each), whole process: seconds (MiB; requests)\n`)
  console.log(
    `${''.padEnd(10)} ${['first apply', 'plan, nothing to change', 'plan of one change, -refresh=false'].map(it => it.padStart(36)).join('')}`,
  )
  for (const start of values.peer ? [startOurs, startPeer] : [startOurs]) {
    const server = await start('dev')
    const { apply, plan, requests, changed, changedRequests } = await reconcileTimes(server, 'root', scale)
    await server.stop()
    const cell = ({ milliseconds, mebibytes }: typeof apply, more = ''): string =>
      `${number(milliseconds / 1000, 2)} (${number(mebibytes)} MiB${more})`.padStart(36)
    console.log(
      `${server.name.padEnd(10)} ${cell(apply)}${cell(plan, `; ${requests} requests`)}${cell(changed, `; ${changedRequests} requests`)}`,
    )
  }
  console.log()
}
if (values.only === decisions || values.only === language || values.only === reconciling) process.exit(0)

const ours = await measure(await startOurs('lmdb'))
if (values.peer) await installBao()
const peer = values.peer ? await measure(await startPeer('raft')) : undefined

console.log(`${values.connections} connections, ${values.seconds} s each; requests a second (p50, p99 in ms; CPU in µs a request)\n`)
const times = ({ p50, p99, cpu }: Result): string => `(${number(p50, 2)}, ${number(p99, 2)}${cpu === undefined ? '' : `; ${number(cpu)}`})`
for (const [name, one] of ours) {
  const other = peer?.get(name)
  const versus =
    other === undefined
      ? ''
      : `   peer ${number(other.perSecond).padStart(7)} ${times(other)}   ${number(one.perSecond / other.perSecond, 1)} times`
  console.log(`${name.padEnd(32)} ${number(one.perSecond).padStart(7)} ${times(one)}${versus}`)
}
process.exit(0)
