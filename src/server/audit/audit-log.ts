/**
 * The audit log: which devices there are, what is stored of them, and the rule that a request goes on only when one has its entry.
 *
 * States: closed → (open, at unseal) → open → (close, at seal) → closed. What is stored below `sys/audit/`: `device/<path>` the
 * record of a device with its salt, `headers` the audited request headers.
 *
 * Invariants: (1) each entry is offered to every device, and has been taken when one took it; (2) with no device at all, nothing is
 * recorded and nothing refused; (3) devices that the configuration declares are changed by it alone; (4) a device answers to its
 * first entry, a test, before it is stored.
 */
import type { Clock, Log, Random } from '../../kernel/index.ts'
import { faults, type AuditDeviceFacts, type AuditPort, type AuditWish, type View } from '../logical/index.ts'
import { AuditRefused, type AuditDeviceKind } from './device.ts'
import type { AuditEntry } from './entry.ts'
import { readFormat, type AuditFormat } from './format.ts'
import { Hasher } from './hasher.ts'
import { AuditedHeaders } from './headers.ts'
import { Outlet } from './outlet.ts'
import { renderEntry } from './render.ts'

/** A device that the server's configuration declares. */
export interface DeclaredDevice {
  readonly path: string
  readonly type: string
  readonly description: string
  readonly local: boolean
  readonly options: Readonly<Record<string, string>>
}

export interface AuditLogOptions {
  readonly kinds: Readonly<Record<string, AuditDeviceKind>>
  readonly declared: readonly DeclaredDevice[]
  /** Whether devices may be made over the API: their paths are then in the hands of whoever has the right token. */
  readonly apiCreation: boolean
  readonly prefixAllowed: boolean
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

interface DeviceRecord extends AuditDeviceFacts {
  readonly salt: string
  readonly declared: boolean
}
interface Live {
  readonly record: DeviceRecord
  readonly format: AuditFormat
  readonly hasher: Hasher
  readonly outlet: Outlet
}

export class AuditLog implements AuditPort {
  readonly #o: AuditLogOptions
  #declared: readonly DeclaredDevice[]
  #view: View | undefined
  #devices: readonly Live[] = []
  readonly headers: AuditedHeaders = new AuditedHeaders()
  /** Changes of the devices run one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: AuditLogOptions) {
    this.#o = options
    this.#declared = options.declared.map(it => ({ ...it, path: slashed(it.path) }))
  }

  /** `view`: of `sys/audit/`. Rejects when a declared device cannot be had, or none of those that are stored. */
  open(view: View): Promise<void> {
    return this.#serially(async () => {
      this.#view = view
      await this.headers.open(view)
      const stored = await this.#stored()
      for (const record of stored) await this.#load(record)
      await this.#obey(stored)
      if (this.#devices.length === 0 && stored.some(it => !it.declared)) throw faults.failed({ why: 'failed to setup audit table' })
    })
  }

  close(): Promise<void> {
    return this.#serially(async () => {
      const open = this.#devices
      this.#devices = []
      this.#view = undefined
      this.headers.close()
      for (const { outlet } of open) await outlet.close().catch(() => undefined)
    })
  }

  /** At SIGHUP: what is declared now, and every file anew. Rejects, with all as it was, when the declaration cannot be followed. */
  reload(declared: readonly DeclaredDevice[]): Promise<void> {
    return this.#serially(async () => {
      const before = this.#declared
      this.#declared = declared.map(it => ({ ...it, path: slashed(it.path) }))
      try {
        if (this.#view !== undefined) await this.#obey(this.#devices.map(it => it.record))
      } catch (cause) {
        this.#declared = before
        throw cause
      } finally {
        for (const { outlet } of this.#devices)
          await outlet
            .reopen()
            .catch((cause: unknown) =>
              this.#o.log.write('error', 'audit device cannot be opened anew', { path: outlet.path, error: (cause as Error).message }),
            )
      }
    })
  }

  /** Whether there is anybody to tell. */
  get listening(): boolean {
    return this.#devices.length > 0
  }

  /** Rejects with the fault `internal` when no device took the entry. */
  async record(entry: AuditEntry): Promise<void> {
    const devices = this.#devices
    if (devices.length === 0) return
    const [only] = devices
    const taken =
      devices.length === 1 && only !== undefined
        ? await this.#offer(only, entry)
        : (await Promise.all(devices.map(device => this.#offer(device, entry)))).some(Boolean)
    if (!taken) throw faults.internal({ cause: new Error(`no audit backend succeeded in logging the ${entry.type}`) })
  }

  #offer({ format, hasher, outlet }: Live, entry: AuditEntry): Promise<boolean> {
    return outlet.write(renderEntry(entry, format, hasher, this.headers.isHashed))
  }

  list(): readonly AuditDeviceFacts[] {
    return this.#devices.map(it => it.record).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  }

  enable(path: string, wish: AuditWish): Promise<void> {
    if (!this.#o.apiCreation)
      throw faults.refused({ why: 'cannot enable audit device via API; use declarative, config-based audit device management instead' })
    return this.#serially(() => this.#enable({ ...wish, path: slashed(path) }, false))
  }

  disable(path: string): Promise<void> {
    return this.#serially(async () => {
      const live = this.#find(path)
      if (live === undefined) return
      if (live.record.declared) throw faults.refused({ why: 'cannot disable configuration-managed audit device' })
      await this.#remove(live)
    })
  }

  hash(path: string, input: string): string {
    const live = this.#find(path)
    if (live === undefined) throw faults.refused({ why: `unknown audit backend ${JSON.stringify(slashed(path))}` })
    return live.hasher.hash(input)
  }

  #find(path: string): Live | undefined {
    return this.#devices.find(it => it.record.path === slashed(path))
  }

  async #enable(wish: DeclaredDevice, declared: boolean): Promise<void> {
    const { path } = wish
    if (path === '/') throw faults.refused({ why: 'backend path must be specified' })
    const clash = this.#devices.some(({ record }) => record.path.startsWith(path) || path.startsWith(record.path))
    if (clash) throw faults.refused({ why: 'path already in use' })
    const live = await this.#made({ ...wish, salt: this.#o.random.uuid(), declared })
    await this.#test(live)
    await this.#storage().put(key(path), Buffer.from(JSON.stringify(live.record)))
    this.#devices = [...this.#devices, live]
    this.#o.log.write('info', 'enabled audit backend', { path, type: wish.type })
  }

  /** The first line of every device. */
  async #test(live: Live): Promise<void> {
    const entry: AuditEntry = {
      time: this.#o.clock.now(),
      type: 'request',
      auth: { token_type: 'default' },
      request: { id: this.#o.random.uuid(), operation: 'update', namespace: { id: 'root' }, path: 'sys/audit/test' },
    }
    const failure = await live.outlet.tryOut(renderEntry(entry, live.format, live.hasher, this.headers.isHashed))
    if (failure === undefined) return
    await live.outlet.close().catch(() => undefined)
    throw faults.refused({ why: `audit backend failed test message: ${failure}` })
  }

  async #made(record: DeviceRecord): Promise<Live> {
    const { kinds, prefixAllowed, clock, log } = this.#o
    const kind = Object.hasOwn(kinds, record.type) ? kinds[record.type] : undefined
    if (kind === undefined) throw faults.refused({ why: `unknown backend type: ${JSON.stringify(record.type)}` })
    try {
      const format = readFormat(record.options, prefixAllowed)
      const device = await kind.open(record.options, { clock })
      return { record, format, hasher: new Hasher(record.salt), outlet: new Outlet(record.path, device, clock, log) }
    } catch (cause) {
      if (cause instanceof AuditRefused) throw faults.refused({ why: cause.message }, { cause })
      throw cause
    }
  }

  /** At unseal: one that cannot be had is left out as long as there is another. */
  async #load(record: DeviceRecord): Promise<void> {
    try {
      this.#devices = [...this.#devices, await this.#made(record)]
    } catch (cause) {
      if (record.declared) throw cause
      this.#o.log.write('error', 'failed to create audit entry', { path: record.path, error: (cause as Error).message })
    }
  }

  /** Makes the devices what the configuration declares. */
  async #obey(stored: readonly DeviceRecord[]): Promise<void> {
    const paths = this.#declared.map(it => it.path)
    const twice = paths.find((path, index) => paths.indexOf(path) !== index)
    if (twice !== undefined) throw faults.refused({ why: `two audit devices with same path (${twice}) exist in config` })
    for (const wish of this.#declared) {
      const there = stored.find(it => it.path === wish.path)
      const why = there && changed(there, wish)
      if (why !== undefined)
        throw faults.refused({
          why: `failed to validate audit device config ${wish.path}: modifications to audit devices are not allowed: audit device ${wish.path} ${why}`,
        })
    }
    for (const wish of this.#declared) {
      if (stored.some(it => it.path === wish.path)) continue
      try {
        await this.#enable(wish, true)
      } catch (cause) {
        throw faults.failed(
          { why: `failed to create new audit device ${wish.path}: ${(cause as { wire?: readonly string[] }).wire?.[0] ?? ''}` },
          { cause },
        )
      }
    }
    for (const live of this.#devices) {
      if (!live.record.declared || paths.includes(live.record.path)) continue
      this.#o.log.write('info', 'disabling removed audit device', { path: live.record.path })
      await this.#remove(live)
    }
  }

  async #remove(live: Live): Promise<void> {
    await this.#storage().delete(key(live.record.path))
    this.#devices = this.#devices.filter(it => it !== live)
    await live.outlet.close().catch(() => undefined)
    this.#o.log.write('info', 'disabled audit backend', { path: live.record.path })
  }

  #storage(): View {
    if (this.#view === undefined) throw faults.sealed()
    return this.#view
  }

  async #stored(): Promise<readonly DeviceRecord[]> {
    const view = this.#storage()
    const records: DeviceRecord[] = []
    for (const name of await view.list('device/')) {
      const bytes = await view.get(`device/${name}`)
      if (bytes !== undefined) records.push(JSON.parse(Buffer.from(bytes).toString()) as DeviceRecord)
    }
    return records
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

const slashed = (path: string): string => `${path.replace(/^\/+|\/+$/g, '')}/`
/** A path may have parts; each record is one of a flat folder all the same. */
const key = (path: string): string => `device/${encodeURIComponent(path)}`

function changed(there: DeviceRecord, wish: DeclaredDevice): string | undefined {
  if (there.type !== wish.type) return `type differs: ${there.type} (table) vs ${wish.type} (config)`
  if (there.description !== wish.description) return `description differs: ${there.description} (table) vs ${wish.description} (config)`
  if (there.local !== wish.local) return `local differs: ${String(there.local)} (table) vs ${String(wish.local)} (config)`
  for (const name of new Set([...Object.keys(there.options), ...Object.keys(wish.options)])) {
    const [before = '', after = ''] = [there.options[name], wish.options[name]]
    if (before !== after) return `is missing option ${name} differs: ${before} (table) vs ${after} (config)`
  }
  return undefined
}
