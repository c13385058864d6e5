/**
 * The secrets server, wired: storage, barrier, core and the built-in backends. The only place that knows all of them. Gives a
 * Core, which http serves; reads no file, environment or clock of its own.
 */
import type { Clock, Log, Random, Seconds } from '../kernel/index.ts'
import { AuditLog, type DeclaredDevice } from './audit/index.ts'
import { tokenMethod } from './auth/token/index.ts'
import { createBarrier, createSealStore } from './barrier/index.ts'
import { createCore, type CoreOptions, type RunningCore, type Snapshots } from './core/index.ts'
import { identityEngine } from './engines/identity/index.ts'
import { cubbyhole, dropToken } from './engines/cubbyhole/index.ts'
import { createReadRecipient } from './openpgp/index.ts'
import { auditDevices, authMethods, engines, seals, storages } from './registry.ts'
import { type KeyKeeper, SealError } from './seal/index.ts'
import { combine, split } from './seal/shamir/index.ts'
import { readSnapshot, takeSnapshot } from './snapshot/index.ts'
import { type Storage, StorageError } from './storage/index.ts'
import { systemBackend } from './system/index.ts'

export interface ServerOptions {
  readonly storage: { readonly type: string; readonly options: Readonly<Record<string, string>> }
  /** Who guards the store without people; two of them, one disabled, while it changes. None: people do. */
  readonly seals?: readonly SealOptions[]
  /** Variables of the environment, which seals may take secrets from. */
  readonly environment?: (name: string) => string | undefined
  readonly log: Log
  readonly clock: Clock
  readonly random: Random
  /** The API version that clients are told, as the peer's: they parse it. */
  readonly version: string
  /** Where clients reach this server: scheme, host and port. Asked when it is needed, as listeners open later. */
  readonly apiAddress?: () => string
  readonly clusterName?: string | undefined
  readonly defaultLeaseTtl: Seconds
  readonly maxLeaseTtl: Seconds
  readonly leaseRevocationHorizon?: Seconds | undefined
  readonly audit?: {
    readonly devices: readonly DeclaredDevice[]
    /** Whether devices may be made over the API too. */
    readonly apiCreation: boolean
    readonly prefixAllowed: boolean
  }
  readonly userLockout?: CoreOptions['userLockout']
  /** In tests: a reply key that no table declares is an error. */
  readonly strictReplies?: boolean
}

export interface SealOptions {
  readonly type: string
  /** It guarded the store before, and is to do so no more. */
  readonly disabled: boolean
  readonly options: Readonly<Record<string, string>>
}

export interface Server {
  readonly core: RunningCore
  /** What is declared from now on. Rejects, with nothing changed, when it cannot be followed; files are opened anew in any case. */
  reloadAudit(devices: readonly DeclaredDevice[]): Promise<void>
}

/** Opens the store and stands ready, sealed or not yet initialised. Rejects with a StorageError when the store cannot be used. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const kind = storages[options.storage.type]
  if (kind === undefined) {
    throw new StorageError('option', `no storage of type "${options.storage.type}"; there are ${Object.keys(storages).join(', ')}`)
  }
  const { clock, random, log } = options
  const { devices: declared, apiCreation, prefixAllowed } = options.audit ?? { devices: [], apiCreation: false, prefixAllowed: false }
  const audit = new AuditLog({ kinds: auditDevices, declared, apiCreation, prefixAllowed, clock, random, log })
  const [keeper, formerKeeper] = await openSeals(options)
  const storage = await kind.open(options.storage.options)
  try {
    const core = await createCore({
      barrier: createBarrier({ storage, random: options.random, clock: options.clock }),
      sealStore: createSealStore(storage),
      shares: { split, combine },
      keeper,
      formerKeeper,
      recipient: createReadRecipient({ random, clock }),
      storageType: kind.type,
      closeStorage: () => storage.close(),
      snapshots: snapshotsOf(storage),
      engines,
      authMethods,
      system: systemBackend,
      tokenMethod,
      identityEngine,
      cubbyhole,
      audit,
      dropCubbyhole: dropToken,
      clock: options.clock,
      random: options.random,
      log: options.log,
      version: options.version,
      apiAddress: options.apiAddress ?? (() => ''),
      clusterName: options.clusterName,
      defaultLeaseTtl: options.defaultLeaseTtl,
      maxLeaseTtl: options.maxLeaseTtl,
      leaseRevocationHorizon: options.leaseRevocationHorizon,
      strictReplies: options.strictReplies ?? false,
      ...(options.userLockout && { userLockout: options.userLockout }),
    })
    return { core, reloadAudit: devices => audit.reload(devices) }
  } catch (cause) {
    keeper?.close()
    formerKeeper?.close()
    await storage.close()
    throw cause
  }
}

const snapshotsOf = (storage: Storage): Snapshots => ({
  take: (at, vouch) => takeSnapshot(storage, at, vouch),
  async read(archive) {
    const { records, sums, sealed } = await readSnapshot(archive)
    return { sums, sealed, replaceStore: async () => void (await storage.commit({ clear: true, put: records })) }
  },
})

/** Rejects with a SealError. */
async function openSeals({
  seals: wished = [],
  environment,
  clock,
  random,
  log,
}: ServerOptions): Promise<readonly (KeyKeeper | undefined)[]> {
  const open = async (disabled: boolean): Promise<KeyKeeper | undefined> => {
    const wish = wished.find(it => it.disabled === disabled && it.type !== 'shamir')
    if (wish === undefined) return undefined
    const kind = seals[wish.type]
    if (kind === undefined) throw new SealError(`no seal of type "${wish.type}"; there are ${Object.keys(seals).join(', ')}`)
    return await kind.open(wish.options, { clock, random, log, environment: environment ?? (() => undefined) })
  }
  return await Promise.all([open(false), open(true)])
}
export { readSnapshot, type SnapshotFacts, SnapshotUnreadable } from './snapshot/index.ts'
export { SealError } from './seal/index.ts'
export { StorageError } from './storage/index.ts'
export {
  createHttpHandler,
  defaultLimits,
  type HttpHandler,
  type HttpHandlerOptions,
  listen,
  type Listener,
  type ListenOptions,
  ListenRefused,
  type Product,
  TlsFilesRefused,
} from './http/index.ts'
export { type ConfigFile, type ListenerConfig, loadConfig, type LogFormat, readConfigFile, type ServerConfig } from './config/index.ts'
export { auditDevices, seals, storages } from './registry.ts'
export { isFault } from './logical/index.ts'
export { developmentCertificates } from './x509/index.ts'
export { type DeclaredDevice } from './audit/index.ts'
