/**
 * Rate-limit quotas: rules that say how many requests an address may send, and the gate that http asks before it reads more of a
 * request than its head. As long as there is no rule there is no gate, and requests pay nothing.
 *
 * Kept below `sys/quotas/`: `config`, and `rate-limit/<name>` for each rule. What was counted lives in memory alone.
 */
import type { Clock } from '../../../kernel/index.ts'
import type { WireObject } from '../../../schema/index.ts'
import {
  faults,
  type Gate,
  type Passing,
  type QuotaConfig,
  type QuotasPort,
  type RateLimitQuota,
  type RateLimitWish,
  type View,
} from '../../logical/index.ts'
import { encodeRecord, keysBelow, readRecord } from '../record.ts'
import { ExemptPaths } from './exempt-paths.ts'
import type { Taken } from './limiter.ts'
import { Rules, type Rule } from './rules.ts'

/** A mount, as far as a quota has to know it. */
interface QuotaMount {
  /** From the root, with its final slash. */
  readonly mountPath: string
  readonly isAuth: boolean
  /** Undefined: its logins have no roles. */
  readonly loginRole: ((path: string, data: WireObject) => Promise<string | undefined>) | undefined
}
/** What lies at a path. */
export interface Place {
  /** The namespaces that it lies in, the innermost first, without the root one; with their final slashes. */
  readonly namespaces: readonly string[]
  readonly mount: QuotaMount | undefined
  /** The path below the mount, or else below the namespace. */
  readonly rest: string
}

export interface QuotasOptions {
  readonly view: View
  readonly clock: Clock
  /** Undefined while the server is not whole yet. */
  readonly placeOf: (path: string) => Place | undefined
}

const CONFIG = 'config'
const RULES = 'rate-limit/'
const DEFAULTS: QuotaConfig = {
  auditRefusals: false,
  responseHeaders: false,
  exemptPaths: [
    'sys/generate-recovery-token/attempt',
    'sys/generate-recovery-token/update',
    'sys/generate-root/attempt',
    'sys/generate-root/update',
    'sys/health',
    'sys/seal-status',
    'sys/unseal',
  ],
}
const FREE: Passing = { refused: false, headers: {} }

export class Quotas implements QuotasPort {
  readonly #o: QuotasOptions
  readonly #rules = new Rules()
  #config = DEFAULTS
  #exempt = new ExemptPaths(DEFAULTS.exemptPaths)
  #gate: Gate | undefined
  /** Changes run one after the other, so that no two rules come to count the same requests. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: QuotasOptions) {
    this.#o = options
  }

  async open(): Promise<void> {
    const { view } = this.#o
    this.#obey((await readRecord<QuotaConfig>(view, CONFIG)) ?? DEFAULTS)
    for await (const key of keysBelow(view, RULES)) {
      const quota = await readRecord<RateLimitQuota>(view, key)
      if (quota !== undefined) this.#rules.set(quota)
    }
    this.#guard()
  }

  /** Undefined as long as there is nothing to count. */
  get gate(): Gate | undefined {
    return this.#gate
  }

  get config(): QuotaConfig {
    return this.#config
  }

  async configure(config: QuotaConfig): Promise<void> {
    await this.#o.view.put(CONFIG, encodeRecord(config))
    this.#obey(config)
  }

  names(): readonly string[] {
    return this.#rules.names()
  }

  read(name: string): RateLimitQuota | undefined {
    return this.#rules.get(name)?.quota
  }

  write(name: string, wish: RateLimitWish): Promise<void> {
    return this.#serially(async () => {
      if (!(wish.rate > 0)) throw faults.refused({ why: "'rate' is invalid" })
      const path = this.#placeOf(wish)
      const quota: RateLimitQuota = {
        name,
        path,
        role: wish.role,
        rate: wish.rate,
        interval: wish.interval === 0 ? 1 : wish.interval,
        blockInterval: wish.blockInterval,
        inheritable: wish.inheritable ?? path === '',
      }
      const rival = this.#rules.rivalOf(quota)
      if (rival !== undefined)
        throw faults.refused({ why: `quota rule with similar properties exists under the name ${JSON.stringify(rival.name)}` })
      await this.#put(quota)
    })
  }

  delete(name: string): Promise<void> {
    return this.#serially(() => this.#drop(name))
  }

  /** Rules of a mount move with it. Paths with their final slash. */
  mountMoved(from: string, to: string): Promise<void> {
    return this.#serially(async () => {
      for (const { quota } of this.#rules.all())
        if (quota.path.startsWith(from)) await this.#put({ ...quota, path: to + quota.path.slice(from.length) })
    })
  }

  /** And end with it. */
  mountGone(mountPath: string): Promise<void> {
    return this.#serially(async () => {
      for (const { quota } of this.#rules.all()) if (quota.path.startsWith(mountPath)) await this.#drop(quota.name)
    })
  }

  /** A mount's path ends in a slash, a path inside of one does not. */
  #placeOf({ path: given, role }: RateLimitWish): string {
    const path = given.replace(/^\/+/, '')
    const whole = path === '' ? '' : `${path.replace(/\/+$/, '')}/`
    const found = whole === '' ? undefined : this.#o.placeOf(whole)
    const mount = found?.mount
    const isNamespace = whole !== '' && found?.namespaces[0] === whole
    if (whole !== '' && mount === undefined && !isNamespace) throw faults.refused({ why: `invalid mount path "${whole}"` })
    const inside = mount === undefined ? '' : (found?.rest ?? '').replace(/\/+$/, '')
    const place = mount === undefined ? whole : mount.mountPath + inside
    if (role === '') return place
    if (inside !== '')
      throw faults.refused({
        why: 'Quotas cannot contain both a path suffix and a role. If a role is provided, path must be a valid auth mount with a concept of roles',
      })
    if (mount === undefined || !mount.isAuth)
      throw faults.refused({
        why: `Mount path "${place}" is not a valid auth method and therefore unsuitable for use with role-based quotas`,
      })
    if (mount.loginRole === undefined) throw faults.refused({ why: `Mount path "${place}" does not support use with role-based quotas` })
    return place
  }

  async #put(quota: RateLimitQuota): Promise<void> {
    await this.#o.view.put(RULES + quota.name, encodeRecord(quota))
    this.#rules.set(quota)
    this.#guard()
  }

  async #drop(name: string): Promise<void> {
    await this.#o.view.delete(RULES + name)
    this.#rules.delete(name)
    this.#guard()
  }

  #obey(config: QuotaConfig): void {
    this.#config = config
    this.#exempt = new ExemptPaths(config.exemptPaths)
  }

  #guard(): void {
    this.#gate =
      this.#rules.size === 0
        ? undefined
        : {
            asksForRole: path => {
              const mount = this.#o.placeOf(path)?.mount
              return mount !== undefined && this.#rules.hasRoles(mount.mountPath)
            },
            pass: (path, address, data) => this.#pass(path, address, data),
          }
  }

  #pass(path: string, address: string, data: WireObject | undefined): Passing | Promise<Passing> {
    if (this.#exempt.has(path)) return FREE
    const { mount, namespaces = [], rest = '' } = this.#o.placeOf(path) ?? {}
    // A mount's own name is not below the mount.
    const mountPath = mount !== undefined && path.length >= mount.mountPath.length ? mount.mountPath : undefined
    const count = (role: string | undefined): Passing => this.#count(this.#rules.find(path, mountPath, namespaces, role), path, address)
    if (data === undefined || mount === undefined || !this.#rules.hasRoles(mount.mountPath)) return count(undefined)
    return mount.loginRole?.(rest, data).then(count) ?? count(undefined)
  }

  #count(rule: Rule | undefined, path: string, address: string): Passing {
    if (rule === undefined) return FREE
    const taken = rule.limiter.take(address, this.#o.clock.now().getTime())
    const headers = this.#config.responseHeaders ? headersOf(rule.limiter.limit, taken) : FREE.headers
    if (taken.allowed) return { refused: false, headers }
    return { refused: true, headers, fault: faults.quotaExceeded({ path }), audited: this.#config.auditRefusals }
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

/** As the peer counts: some of the first second is over by the time it is shown. */
const wholeSeconds = (milliseconds: number): string => String(Math.max(0, Math.ceil(milliseconds / 1000) - 1))

const headersOf = (limit: number, { allowed, left, resetIn, retryIn }: Taken): Readonly<Record<string, string>> => ({
  ...(!allowed && { 'Retry-After': wholeSeconds(retryIn) }),
  ...(left !== undefined && {
    'X-Ratelimit-Limit': String(limit),
    'X-Ratelimit-Remaining': String(left),
    'X-Ratelimit-Reset': wholeSeconds(resetIn),
  }),
})
