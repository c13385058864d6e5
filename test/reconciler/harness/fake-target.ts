import { parseDuration, type Json } from '../../../src/kernel/index.ts'
import { textOf, type TargetAnswer, type TargetWriter } from '../../../src/reconciler/model/index.ts'

type Data = Record<string, Json>

/** As the client's ApiError: an answer that is a refusal. */
export class Refused extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface FakeOptions {
  /** Policies have versions, and all can be had at once: OpenBao. Without: Vault. */
  readonly isOpenBao?: boolean
}

const APPROLE: Data = {
  bind_secret_id: true,
  local_secret_ids: false,
  secret_id_bound_cidrs: null,
  secret_id_num_uses: 0,
  secret_id_ttl: 0,
  token_bound_cidrs: [],
  token_explicit_max_ttl: 0,
  token_max_ttl: 0,
  token_no_default_policy: false,
  token_num_uses: 0,
  token_period: 0,
  token_policies: [],
  token_strictly_bind_ip: false,
  token_ttl: 0,
  token_type: 'default',
}

const TOKEN_ROLE: Data = {
  allowed_entity_aliases: null,
  allowed_policies: [],
  allowed_policies_glob: [],
  disallowed_policies: [],
  disallowed_policies_glob: [],
  orphan: false,
  path_suffix: '',
  renewable: true,
  token_explicit_max_ttl: 0,
  token_no_default_policy: false,
  token_period: 0,
  token_type: 'default-service',
}

const KV_CONFIG: Data = { cas_required: false, delete_version_after: '0s', max_versions: 0, metadata_cas_required: false }

interface Mount {
  type: string
  description: string
  local: boolean
  seal_wrap: boolean
  external_entropy_access: boolean
  options: Record<string, string> | null
  config: Data
}

/**
 * A Vault-compatible target in memory, at the reconciler's own port, for what a real one cannot be made to do: fail at a step, move
 * in between, be of another make. Its answers are those recorded from OpenBao; the contract tests hold the reconciler against the
 * real one.
 */
export class FakeTarget implements TargetWriter {
  readonly policies: Map<string, { text: string; version: number }> = new Map()
  readonly mounts: { readonly auth: Map<string, Mount>; readonly engine: Map<string, Mount> } = { auth: new Map(), engine: new Map() }
  readonly objects: Map<string, Data> = new Map()
  readonly requests: string[] = []
  token: Data = { policies: ['root'], path: 'auth/token/root' }
  /** Called with each request, before it is carried out; may throw. */
  before: (request: string) => void = () => undefined
  /** The same, after it was carried out. */
  after: (request: string) => void = () => undefined
  readonly #isOpenBao: boolean

  constructor({ isOpenBao = true }: FakeOptions = {}) {
    this.#isOpenBao = isOpenBao
    this.policies.set('default', { text: '# default', version: 1 })
    this.policies.set('root', { text: '', version: 0 })
    this.mounts.auth.set('token', mountOf('token', { token_type: 'default-service' }))
    for (const [path, type] of [
      ['sys', 'system'],
      ['identity', 'identity'],
      ['cubbyhole', 'cubbyhole'],
    ] as const)
      this.mounts.engine.set(path, mountOf(type, {}))
  }

  get writes(): readonly string[] {
    return this.requests.filter(it => !/^(GET|LIST) /.test(it))
  }

  async read(path: string, query?: Readonly<Record<string, string>>): Promise<TargetAnswer | undefined> {
    return this.#done(`GET ${path}`, () => this.#read(path, query))
  }

  async list(path: string): Promise<readonly string[]> {
    return this.#done(`LIST ${path}`, () => {
      if (path === 'sys/policies/acl') return [...this.policies.keys()].sort()
      this.#mountAt(path)
      return [...this.objects.keys()].flatMap(it => (it.startsWith(`${path}/`) ? it.slice(path.length + 1) : [])).sort()
    })
  }

  async write(path: string, body: unknown): Promise<TargetAnswer | undefined> {
    return this.#done(`POST ${path}`, () => {
      if (path === 'sys/remount') return { data: { migration_id: this.#remount(body as Data) } }
      this.#write(path, body as Data)
      return undefined
    })
  }

  async delete(path: string): Promise<void> {
    this.#done(`DELETE ${path}`, () => this.#delete(path))
  }

  #done<T>(request: string, work: () => T): T {
    this.requests.push(request)
    this.before(request)
    const answer = work()
    this.after(request)
    return answer
  }

  #read(path: string, query?: Readonly<Record<string, string>>): TargetAnswer | undefined {
    if (path === 'sys/seal-status') return { initialized: true, sealed: false, version: '2.7.2', cluster_id: 'cluster-1' } as TargetAnswer
    if (path === 'sys/remount/status/1') return { data: { migration_id: '1', migration_info: { status: 'success' } } }
    if (path === 'auth/token/lookup-self') return { data: this.token }
    if (path === 'sys/auth' || path === 'sys/mounts') return { data: this.#table(path === 'sys/auth' ? 'auth' : 'engine') }
    if (path === 'sys/policies/detailed/acl' && query?.['list'] === 'true' && this.#isOpenBao) return { data: this.#allPolicies() }
    if (path.startsWith('sys/policies/detailed/')) throw new Refused(404, 'unsupported path')
    const policy = /^sys\/policies\/acl\/(.+)$/.exec(path)?.[1]
    if (policy !== undefined) return this.#policy(policy)
    const [, table, name = ''] = /^sys\/(auth|mounts)\/(.+)$/.exec(path) ?? []
    if (table !== undefined) {
      const mount = this.mounts[table === 'auth' ? 'auth' : 'engine'].get(name)
      if (mount === undefined) throw new Refused(400, `No ${table} mount at ${name}/`)
      return { data: mount as unknown as Data }
    }
    return this.#object(path)
  }

  #object(path: string): TargetAnswer | undefined {
    const { mount, rest } = this.#mountAt(path)
    if (mount.type === 'kv' && rest === 'config' && mount.options?.['version'] === '2')
      return { data: { ...KV_CONFIG, ...this.objects.get(path) } }
    const role = /^(role\/[^/]+)\/role-id$/.exec(rest)
    const data = this.objects.get(role === null ? path : path.slice(0, -'/role-id'.length))
    if (data === undefined) return undefined
    const { role_id: id = null, ...others } = data
    return { data: role === null ? others : { role_id: id } }
  }

  #policy(name: string): TargetAnswer | undefined {
    const policy = this.policies.get(name.toLowerCase())
    if (policy === undefined) return undefined
    return { data: { name, policy: policy.text, ...(this.#isOpenBao ? { version: policy.version, cas_required: false } : {}) } }
  }

  #allPolicies(): Data {
    const info = [...this.policies].map(
      ([name, { text, version }]) => [name, { name, policy: text, version, cas_required: false }] as const,
    )
    return { keys: [...this.policies.keys()], key_info: Object.fromEntries(info) }
  }

  #table(table: 'auth' | 'engine'): Data {
    return Object.fromEntries([...this.mounts[table]].map(([path, mount]) => [`${path}/`, mount as unknown as Data]))
  }

  #mountAt(path: string): { readonly mount: Mount; readonly rest: string } {
    const isAuth = path.startsWith('auth/')
    const inside = isAuth ? path.slice('auth/'.length) : path
    for (const [name, mount] of this.mounts[isAuth ? 'auth' : 'engine']) {
      if (inside.startsWith(`${name}/`)) return { mount, rest: inside.slice(name.length + 1) }
    }
    throw new Refused(404, `no handler for route "${path}"`)
  }

  /** The identifier of the migration, which is over by then. */
  #remount(body: Data): string {
    const place = (name: string): readonly ['auth' | 'engine', string] => {
      const path = textOf(body[name])
      return path.startsWith('auth/') ? ['auth', path.slice('auth/'.length)] : ['engine', path]
    }
    const [[table, from], [, to]] = [place('from'), place('to')]
    const mount = this.mounts[table].get(from)
    if (mount === undefined) throw new Refused(400, `no matching mount at "${from}/"`)
    if (this.mounts[table].has(to)) throw new Refused(400, `path already in use at "${to}/"`)
    this.mounts[table].delete(from)
    this.mounts[table].set(to, mount)
    const [before, after] = table === 'auth' ? [`auth/${from}/`, `auth/${to}/`] : [`${from}/`, `${to}/`]
    for (const [key, it] of this.objects) {
      if (!key.startsWith(before)) continue
      this.objects.delete(key)
      this.objects.set(`${after}${key.slice(before.length)}`, it)
    }
    return '1'
  }

  #write(path: string, body: Data): void {
    const policy = /^sys\/policies\/acl\/(.+)$/.exec(path)?.[1]
    if (policy !== undefined) return this.#writePolicy(policy.toLowerCase(), body)
    const [, table, rest = ''] = /^sys\/(auth|mounts)\/(.+)$/.exec(path) ?? []
    if (table !== undefined) return this.#writeMount(table === 'auth' ? 'auth' : 'engine', rest, body)
    const { mount, rest: inside } = this.#mountAt(path)
    const known = inside.startsWith('role') ? (mount.type === 'token' ? TOKEN_ROLE : APPROLE) : KV_CONFIG
    const before = this.objects.get(path)
    if (before !== undefined && body['local_secret_ids'] !== undefined)
      throw new Refused(400, 'local_secret_ids can only be modified during role creation')
    const after = { ...known, role_id: `id of ${path}`, ...before, ...normal(body) }
    this.objects.set(path, after)
  }

  #writePolicy(name: string, body: Data): void {
    const text = textOf(body['policy'])
    if (text === '') throw new Refused(400, "'policy' parameter not supplied or empty")
    const version = this.policies.get(name)?.version ?? 0
    const cas = body['cas']
    if (this.#isOpenBao && cas !== undefined && (cas === -1 ? version !== 0 : cas !== version))
      throw new Refused(400, 'check-and-set parameter')
    this.policies.set(name, { text, version: version + 1 })
  }

  #writeMount(table: 'auth' | 'engine', rest: string, body: Data): void {
    const mounts = this.mounts[table]
    const tuned = rest.endsWith('/tune') ? mounts.get(rest.slice(0, -'/tune'.length)) : undefined
    if (tuned !== undefined) {
      const { description, options, ...config } = body
      if (description !== undefined) tuned.description = textOf(description)
      if (options !== undefined) tuned.options = optionsOf({ ...tuned.options, ...(options as Record<string, string>) })
      Object.assign(tuned.config, normal(config))
      return
    }
    const taken = [...mounts.keys()].some(it => it === rest || it.startsWith(`${rest}/`) || rest.startsWith(`${it}/`))
    if (taken) throw new Refused(400, `path is already in use at ${rest}/`)
    const mount = mountOf(textOf(body['type']), table === 'auth' ? { token_type: 'default-service' } : {})
    Object.assign(mount.config, normal((body['config'] ?? {}) as Data))
    mount.description = textOf(body['description'])
    mount.options = optionsOf((body['options'] ?? {}) as Record<string, string>)
    mount.local = body['local'] === true
    mount.seal_wrap = body['seal_wrap'] === true
    mounts.set(rest, mount)
  }

  #delete(path: string): void {
    const policy = /^sys\/policies\/acl\/(.+)$/.exec(path)?.[1]
    if (policy !== undefined) return void this.policies.delete(policy)
    const [, table, name = ''] = /^sys\/(auth|mounts)\/(.+)$/.exec(path) ?? []
    if (table === undefined) return void this.objects.delete(path)
    this.mounts[table === 'auth' ? 'auth' : 'engine'].delete(name)
    const prefix = table === 'auth' ? `auth/${name}/` : `${name}/`
    for (const it of this.objects.keys()) if (it.startsWith(prefix)) this.objects.delete(it)
  }
}

const mountOf = (type: string, config: Data): Mount => ({
  type,
  description: '',
  local: false,
  seal_wrap: false,
  external_entropy_access: false,
  options: null,
  config: { default_lease_ttl: 0, max_lease_ttl: 0, force_no_cache: false, ...config },
})

const optionsOf = (options: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).filter(([, it]) => it !== ''))

/** As the server keeps what it is given: spans in seconds. */
function normal(body: Data): Data {
  return Object.fromEntries(
    Object.entries(body).map(([name, value]) => [name, /_(ttl|period)$/.test(name) ? (parseDuration(value) ?? value) : value]),
  )
}
