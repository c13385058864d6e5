/**
 * Plays recorded conversations with the real peer against a backend of ours, and renders its outcomes as the wire would
 * show them, but for what core adds to every answer. Times that are not Go's zero time are `<time>` on both sides.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { ManualClock, parseJson, seconds, silentLog, type Random } from '../../src/kernel/index.ts'
import type { WireObject } from '../../src/schema/index.ts'
import { openBackend, type AuthMethod, type SecretsEngine } from '../../src/server/framework/index.ts'
import {
  isFault,
  memoryView,
  type Backend,
  type BackendRequest,
  type Caller,
  type Host,
  type OpName,
  type Outcome,
  type View,
  ROOT_NAMESPACE,
} from '../../src/server/logical/index.ts'

export interface Step {
  readonly op: OpName
  readonly path: string
  readonly body?: string
  readonly query?: Readonly<Record<string, string>>
  /** Parts of the answer to remember, for `${name}` in later steps: name → path of keys. */
  readonly keep?: Readonly<Record<string, string>>
  readonly status: number
  readonly reply?: unknown
}
interface Wait {
  readonly wait: number
}
interface Tune {
  readonly options: Readonly<Record<string, string>>
}
export interface Scenario {
  readonly name: string
  readonly options?: Readonly<Record<string, string>>
  readonly steps: readonly (Step | Wait | Tune)[]
}

export const recorded = (file: string): readonly Scenario[] =>
  (parseJson(readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8')) as { readonly scenarios: readonly Scenario[] }).scenarios

export const realRandom: Random = { bytes: count => randomBytes(count), uuid: () => randomUUID() }
/** What engines look at in a token; core's entry has more. */
export const callerWith = (token: Partial<NonNullable<Caller['token']>>, remoteAddress = '127.0.0.1'): Caller => ({
  remoteAddress,
  sudo: false,
  token: { id: 'token-one', accessor: 'accessor-one', type: 'service', policies: ['default'], ...token } as NonNullable<Caller['token']>,
})
export const someone: Caller = callerWith({})

export interface Answer {
  readonly status: number
  readonly reply?: unknown
}

/** A mount of an engine over memory, on a clock that stands. */
export class Mounted {
  readonly clock: ManualClock = new ManualClock(new Date('2026-01-02T03:04:05.678Z'))
  readonly view: View
  readonly #engine: SecretsEngine | AuthMethod
  #options: Readonly<Record<string, string>>
  backend: Backend

  constructor(engine: SecretsEngine | AuthMethod, options: Readonly<Record<string, string>> = {}, view: View = memoryView()) {
    this.view = view
    this.#engine = engine
    this.#options = options
    this.backend = this.#open()
  }

  #open(): Backend {
    const host: Host = {
      view: this.view,
      mount: () => ({ path: 'mount/', accessor: 'mount_1', type: this.#engine.type, options: this.#options, namespace: ROOT_NAMESPACE }),
      fillTemplate: async () => ({ is: 'no entity' }),
      passwordBy: () => Promise.reject(new Error('no password policies here')),
      leaseDefaults: () => ({ ttl: seconds(2_764_800), maxTtl: seconds(2_764_800) }),
      clock: this.clock,
      random: realRandom,
      log: silentLog,
      leases: { some: async () => false },
    }
    return openBackend(this.#engine, host, { strictReplies: true })
  }

  /** As a tune of the mount does. */
  async reopen(options: Readonly<Record<string, string>> = this.#options): Promise<void> {
    await this.backend.close()
    this.#options = options
    this.backend = this.#open()
  }

  request(op: OpName, path: string, data: WireObject, caller: Caller = someone): BackendRequest {
    return { op, path, mountPath: 'mount/', wrapped: false, data, caller, now: this.clock.now(), signal: new AbortController().signal }
  }

  /** What core does around a backend: asks whether a write would create, and renders what comes. A millisecond passes. */
  async ask(op: OpName, path: string, data: WireObject = {}, caller: Caller = someone): Promise<Answer> {
    const request = this.request(op, path, data, caller)
    try {
      if (op === 'write') await this.backend.exists(request)
      return rendered(await this.backend.handle(request))
    } catch (thrown) {
      if (!isFault(thrown)) throw thrown
      return { status: thrown.status, reply: { errors: thrown.wire } }
    } finally {
      this.clock.advance(1)
    }
  }
}

function rendered(outcome: Outcome): Answer {
  const warnings = outcome.warnings.length > 0 && { warnings: outcome.warnings }
  switch (outcome.is) {
    case 'nothing': {
      const status = outcome.status ?? (warnings ? 200 : 204)
      return warnings ? { status, reply: { data: null, ...warnings } } : { status }
    }
    case 'data': {
      const lease = outcome.leaseDuration ? { lease_duration: outcome.leaseDuration } : {}
      return { status: outcome.status ?? 200, reply: { data: outcome.data, ...lease, ...warnings } }
    }
    case 'auth':
      return { status: 200, reply: { data: outcome.data ?? null, auth: outcome.grant, ...warnings } }
    default:
      throw new Error(`a reply that no recording has: ${outcome.is}`)
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/
const ZERO_TIME = '0001-01-01T00:00:00Z'
const isRaw = (value: unknown): boolean => (JSON as unknown as { isRawJSON(value: unknown): boolean }).isRawJSON(value)

function withoutTimes(value: unknown): unknown {
  if (typeof value === 'string') return TIME.test(value) && value !== ZERO_TIME ? '<time>' : value
  if (Array.isArray(value)) return value.map(withoutTimes)
  if (typeof value !== 'object' || value === null || isRaw(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, it]) => [key, withoutTimes(it)]))
}

const at = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((it, key) => (typeof it === 'object' && it !== null ? (it as WireObject)[key] : undefined), value)

export interface Played {
  readonly step: string
  readonly expected: unknown
  readonly answered: unknown
}

/** Plays a scenario; what comes back is compared by the test, a step a line. */
export async function play(
  engine: SecretsEngine | AuthMethod,
  scenario: Scenario,
  adapt = (reply: unknown): unknown => reply,
): Promise<Played[]> {
  const mounted = new Mounted(engine, scenario.options)
  const kept = new Map<string, string>()
  const filled = (text: string): string => text.replace(/\$\{(\w+)\}/g, (whole, name: string) => kept.get(name) ?? whole)
  const named = (reply: unknown): unknown => {
    let text = JSON.stringify(reply) ?? 'null'
    for (const [name, value] of kept) if (value.length > 8) text = text.replaceAll(value, `\${${name}}`)
    return reply === undefined ? undefined : parseJson(text)
  }
  const played: Played[] = []
  for (const step of scenario.steps) {
    if ('wait' in step) mounted.clock.advance(step.wait)
    else if ('options' in step) await mounted.reopen(step.options)
    else {
      const { op, path, body, query = {}, keep = {}, status, reply } = step
      const data = body === undefined ? parseJson(filled(JSON.stringify(query))) : body === '' ? {} : parseJson(filled(body))
      const answer = await mounted.ask(op, filled(path), (data ?? {}) as WireObject)
      for (const [name, where] of Object.entries(keep)) kept.set(name, String(at(answer.reply, where)))
      played.push({
        step: `${op} ${path} ${body ?? JSON.stringify(query)}`,
        expected: { status, reply },
        answered: { status: answer.status, reply: withoutTimes(adapt(named(answer.reply))) },
      })
    }
  }
  await mounted.backend.close()
  return played
}
