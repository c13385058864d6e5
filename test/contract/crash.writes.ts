import { randomBytes } from 'node:crypto'
import { ask, demand, each, pick, type Process } from './harness/installation.ts'

/** One write that was asked for: how, and what must hold of it afterwards. */
export interface Write {
  readonly method: string
  readonly path: string
  readonly body: unknown
  /** The answer's JSON, once it was acknowledged. */
  acknowledged?: { readonly answer: unknown }
}

/** A kind of write, and what a reader finds wrong with what is there after a crash. */
export interface Kind {
  readonly name: string
  /** Fresh writes; `round` keeps those of several crashes apart. */
  make(round: number, count: number): readonly Write[]
  /** Every complaint. `all`: of every round on this store; `fresh`: of the last. */
  check(at: Process, root: string, all: readonly Write[], fresh: readonly Write[]): Promise<readonly string[]>
}

/** Several pages long now and then, so that a secret torn in the middle would show. */
const contents = (id: string, index: number): Readonly<Record<string, string>> => ({
  id,
  filling: randomBytes(index % 50 === 0 ? 9_000 : 40).toString('hex'),
})

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

export async function keysOf(at: Process, token: string, path: string): Promise<readonly string[]> {
  const { status, text } = await ask(at, 'LIST', path, { token })
  if (status === 404) return []
  if (status !== 200) throw new Error(`LIST ${path}: ${status} ${text}`)
  return pick(JSON.parse(text), 'data', 'keys')
}

/** What is written once at a place of its own: there whole, or (unless it was acknowledged) not there at all. */
async function wholeOrAbsent(at: Process, token: string, writes: readonly Write[], holds: (write: Write, answer: unknown) => boolean) {
  const wrong: string[] = []
  await each(writes, async write => {
    const { status, text } = await ask(at, 'GET', write.path, { token })
    if (status === 404 && write.acknowledged === undefined) return
    if (status === 404) wrong.push(`${write.path}: acknowledged, but gone`)
    else if (status !== 200 || !holds(write, JSON.parse(text)))
      wrong.push(`${write.path}: not what was written: ${status} ${text.slice(0, 300)}`)
  })
  return wrong
}

const kv1: Kind = {
  name: 'kv v1',
  make: (round, count) =>
    Array.from({ length: count }, (_, i) => ({ method: 'PUT', path: `plain/r${round}/${i}`, body: contents(`${round}-${i}`, i) })),
  check: (at, root, _, fresh) => wholeOrAbsent(at, root, fresh, (write, answer) => same(pick(answer, 'data'), write.body)),
}

const manyKeys: Kind = {
  name: 'kv v2, a key each',
  make: (round, count) =>
    Array.from({ length: count }, (_, i) => ({
      method: 'POST',
      path: `kv/data/r${round}/${i}`,
      body: { data: contents(`${round}-${i}`, i) },
    })),
  async check(at, root, _, fresh) {
    const wrong = await wholeOrAbsent(at, root, fresh, (write, answer) => same(pick(answer, 'data', 'data'), pick(write.body, 'data')))
    const facts = fresh.map(write => ({ ...write, path: write.path.replace('kv/data/', 'kv/metadata/') }))
    const listed = await wholeOrAbsent(at, root, facts, (_, answer) => same(Object.keys(pick<object>(answer, 'data', 'versions')), ['1']))
    return [...wrong, ...listed]
  },
}

/** The crowded keys of `kv v2, few keys`: their settings keep every version, so that none can hide behind pruning. */
const CROWDED = [0, 1, 2, 3, 4].map(n => `crowded/${n}`)

const fewKeys: Kind = {
  name: 'kv v2, new versions of few keys',
  make: (round, count) =>
    Array.from({ length: count }, (_, i) => ({
      method: 'POST',
      path: `kv/data/${CROWDED[i % CROWDED.length]}`,
      body: { data: contents(`${round}-${i}`, i) },
    })),
  async check(at, root, all) {
    const wrong: string[] = []
    for (const key of CROWDED) {
      const own = all.filter(({ path }) => path === `kv/data/${key}`)
      const facts = await demand(at, 'GET', `kv/metadata/${key}`, { token: root })
      const numbers = Object.keys(pick<object>(facts, 'data', 'versions')).map(Number)
      if (
        !same(
          numbers,
          Array.from({ length: pick(facts, 'data', 'current_version') }, (_, i) => i + 1),
        )
      )
        wrong.push(`${key}: the versions are ${numbers.join()}`)
      const found = new Map<number, unknown>()
      await each(numbers, async number => {
        const { status, text } = await ask(at, 'GET', `kv/data/${key}?version=${number}`, { token: root })
        if (status === 200) found.set(number, pick(JSON.parse(text), 'data', 'data'))
        else wrong.push(`${key}: version ${number} has no contents: ${status} ${text}`)
      })
      const sent = new Map(own.map(({ body }) => [pick<string>(body, 'data', 'id'), pick<unknown>(body, 'data')]))
      for (const [number, data] of found) {
        const id = pick<string>(data, 'id')
        if (!same(data, sent.get(id))) wrong.push(`${key}: version ${number} is not what anybody wrote, or is there twice`)
        sent.delete(id)
      }
      for (const { acknowledged, body } of own) {
        if (acknowledged === undefined) continue
        const number = pick<number>(acknowledged.answer, 'data', 'version')
        if (!same(found.get(number), pick(body, 'data'))) wrong.push(`${key}: version ${number} is not what was acknowledged`)
      }
    }
    return wrong
  },
}

const policies: Kind = {
  name: 'policies',
  make: (round, count) =>
    Array.from({ length: count }, (_, i) => ({
      method: 'PUT',
      path: `sys/policies/acl/r${round}-${i}`,
      body: { policy: `path "kv/data/r${round}/${i}" {\n  capabilities = ["read"]\n}\n` },
    })),
  async check(at, root, _, fresh) {
    const wrong = await wholeOrAbsent(at, root, fresh, (write, answer) => same(pick(answer, 'data', 'policy'), pick(write.body, 'policy')))
    const listed = await keysOf(at, root, 'sys/policies/acl')
    const missing = fresh.filter(({ path, acknowledged }) => acknowledged && !listed.includes(path.slice('sys/policies/acl/'.length)))
    return [...wrong, ...missing.map(({ path }) => `${path}: not listed`)]
  },
}

/** Names that stand in no order in the store, told by `display_name`: who looks at what is there can say whose it is. */
const tokens: Kind = {
  name: 'tokens',
  make: (round, count) =>
    Array.from({ length: count }, (_, i) => ({
      method: 'POST',
      path: 'auth/token/create',
      body: { policies: ['default'], ttl: '2h', display_name: `r${round}-${i}`, meta: { number: `${round}-${i}` } },
    })),
  async check(at, root, _, fresh) {
    const wrong: string[] = []
    const accessors = await keysOf(at, root, 'auth/token/accessors')
    const byName = new Map<string, string>()
    await each(accessors, async accessor => {
      const { status, text } = await ask(at, 'POST', 'auth/token/lookup-accessor', { token: root, body: { accessor } })
      const facts = status === 200 ? pick<unknown>(JSON.parse(text), 'data') : undefined
      if (facts === undefined) wrong.push(`accessor ${accessor}: ${status} ${text}`)
      else if (pick(facts, 'path') === 'auth/token/create') byName.set(pick(facts, 'display_name'), accessor)
    })
    await each(fresh, async ({ body, acknowledged }) => {
      const name = `token-${pick<string>(body, 'display_name')}`
      if (acknowledged === undefined) return
      const [token, accessor] = ['client_token', 'accessor'].map(it => pick<string>(acknowledged.answer, 'auth', it))
      const { status, text } = await ask(at, 'GET', 'auth/token/lookup-self', { token: token as string })
      const facts = status === 200 ? pick<unknown>(JSON.parse(text), 'data') : undefined
      const agrees =
        pick(facts, 'accessor') === accessor && pick(facts, 'display_name') === name && same(pick(facts, 'meta'), pick(body, 'meta'))
      if (!agrees) wrong.push(`${name}: does not show itself: ${status} ${text}`)
      if (byName.get(name) !== accessor) wrong.push(`${name}: its accessor is not among those that are listed`)
    })
    const leases = await keysOf(at, root, 'sys/leases/lookup/auth/token/create')
    if (leases.length !== byName.size) wrong.push(`${leases.length} leases for ${byName.size} tokens`)
    await each(leases, async lease => {
      const { status, text } = await ask(at, 'PUT', 'sys/leases/lookup', { token: root, body: { lease_id: `auth/token/create/${lease}` } })
      if (status !== 200 || !(pick<number>(JSON.parse(text), 'data', 'ttl') > 0)) wrong.push(`lease ${lease}: ${status} ${text}`)
    })
    return wrong
  },
}

const SECRET_ID = 'auth/approle/role/crash/secret-id'

const secretIds: Kind = {
  name: 'secret ids',
  make: (round, count) =>
    Array.from({ length: count }, (_, i) => ({
      method: 'POST',
      path: SECRET_ID,
      body: { metadata: JSON.stringify({ number: `${round}-${i}` }) },
    })),
  async check(at, root, _, fresh) {
    const wrong: string[] = []
    const listed = await keysOf(at, root, SECRET_ID)
    const byNumber = new Map<string, string>()
    await each(listed, async accessor => {
      const { status, text } = await ask(at, 'POST', `${SECRET_ID}-accessor/lookup`, {
        token: root,
        body: { secret_id_accessor: accessor },
      })
      const facts = status === 200 ? pick<unknown>(JSON.parse(text), 'data') : undefined
      if (pick(facts, 'secret_id_accessor') !== accessor) wrong.push(`secret id accessor ${accessor}: ${status} ${text}`)
      byNumber.set(pick(facts, 'metadata', 'number'), accessor)
    })
    if (byNumber.size !== listed.length) wrong.push(`${listed.length} secret ids for ${byNumber.size} writes`)
    await each(fresh, async ({ body, acknowledged }) => {
      if (acknowledged === undefined) return
      const { number } = JSON.parse(pick(body, 'metadata')) as { readonly number: string }
      const [id, accessor] = ['secret_id', 'secret_id_accessor'].map(it => pick<string>(acknowledged.answer, 'data', it))
      const { status, text } = await ask(at, 'POST', `${SECRET_ID}/lookup`, { token: root, body: { secret_id: id } })
      if (status !== 200 || pick(JSON.parse(text), 'data', 'metadata', 'number') !== number)
        wrong.push(`secret id ${number}: ${status} ${text}`)
      if (byNumber.get(number) !== accessor) wrong.push(`secret id ${number}: its accessor is not among those that are listed`)
    })
    return wrong
  },
}

/** With the share of each among the writes of a round. */
export const kinds: readonly (readonly [kind: Kind, count: number])[] = [
  [kv1, 400],
  [manyKeys, 300],
  [fewKeys, 300],
  [policies, 300],
  [tokens, 400],
  [secretIds, 300],
]

/** The mounts, keys and roles that the writes go to. */
export async function prepare(at: Process, token: string): Promise<void> {
  await demand(at, 'POST', 'sys/mounts/plain', { token, body: { type: 'kv', options: { version: '1' } } })
  await demand(at, 'POST', 'sys/mounts/kv', { token, body: { type: 'kv', options: { version: '2' } } })
  for (const key of CROWDED) await demand(at, 'POST', `kv/metadata/${key}`, { token, body: { max_versions: 100_000 } })
  await demand(at, 'POST', 'sys/auth/approle', { token, body: { type: 'approle' } })
  await demand(at, 'POST', 'auth/approle/role/crash', { token, body: { token_policies: ['default'], token_ttl: '20m' } })
}

/** One that was just made logs in: the role id, its index and the secret ids still belong together. */
export async function canLogIn(at: Process, token: string, number: number): Promise<boolean> {
  const role = await demand(at, 'GET', 'auth/approle/role/crash/role-id', { token })
  const made = await demand(at, 'POST', SECRET_ID, { token, body: { metadata: JSON.stringify({ number: `login ${number}` }) } })
  const body = { role_id: pick(role, 'data', 'role_id'), secret_id: pick(made, 'data', 'secret_id') }
  return pick(await demand(at, 'POST', 'auth/approle/login', { body }), 'auth', 'client_token') !== undefined
}
