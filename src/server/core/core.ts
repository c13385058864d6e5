/**
 * The server without HTTP: storage below it, requests above it.
 *
 * States: closed → open (uninitialised or sealed) → unsealed → sealed … → closed. What needs the key ring (mounts, tokens,
 * leases, policies) exists from unseal to seal only, as one value, `Unsealed`: nothing of it can outlive the keys.
 */
import { hostname } from 'node:os'
import {
  faults,
  ROOT_NAMESPACE,
  type Core,
  type CorsConfig,
  type Fault,
  type Gate,
  type InitParameters,
  type InitResult,
  type SealStatus,
  type SystemPorts,
  type View,
} from '../logical/index.ts'
import { AutoUnseal } from './auto-unseal.ts'
import type { CoreOptions } from './core-options.ts'
import { SERVICE_TOKEN_LENGTH } from './identifier.ts'
import { Leases } from './leases.ts'
import { dataPrefix, type BuiltIn } from './mounts.ts'
import { Realms } from './namespaces/index.ts'
import { createPipeline, type Pipeline } from './pipeline.ts'
import { Quotas } from './quotas/index.ts'
import { encodeRecord, readRecord } from './record.ts'
import { KeyRotation } from './key-rotation.ts'
import { ShareBackup, sharesFor, type Recipient } from './recipients.ts'
import { Rekey, type RekeyOptions } from './rekey.ts'
import { recoveryRekeyWords, recoveryRotationWords, rekeyWords, rotationWords } from './rekey-words.ts'
import { decodeRootToken, RootGeneration } from './root-generation.ts'
import { Settings } from './settings.ts'
import { Tokens } from './tokens.ts'
import { Unseal } from './unseal.ts'
import { UserLockout } from './user-lockout.ts'
import { Wrapping } from './wrapping.ts'

interface Unsealed {
  readonly realms: Realms
  readonly tokens: Tokens
  readonly leases: Leases
  readonly pipeline: Pipeline
  readonly quotas: Quotas
  readonly settings: Settings
  readonly cluster: Cluster
  readonly ticking: AbortController
  readonly rootGeneration: RootGeneration
  readonly rekey: Rekey
  readonly rotation: Rekey
  readonly recoveryRekey: Rekey | undefined
  readonly recoveryRotation: Rekey | undefined
  readonly keyRotation: KeyRotation
}
interface Rekeys {
  readonly rekey: Rekey
  readonly rotation: Rekey
  readonly recoveryRekey?: Rekey
  readonly recoveryRotation?: Rekey
  readonly backup: ShareBackup
  readonly recoveryBackup: ShareBackup
}
interface Cluster {
  readonly name: string
  readonly id: string
}

/** Work that need not be done this often looks at the time itself. */
const TICK_MS = 5_000

export interface RunningCore extends Core {
  /** For a development server: a root token of a chosen id, once, right after initialisation. */
  makeRootToken(id: string): Promise<string>
  /** The ports, while unsealed. */
  readonly ports: SystemPorts
}

export async function createCore(options: CoreOptions): Promise<RunningCore> {
  const core = new ServerCore(options)
  await core.open()
  await core.unsealByItself()
  return core
}

class ServerCore implements RunningCore {
  readonly #o: CoreOptions
  readonly #unseal: Unseal
  readonly #auto: AutoUnseal
  #unsealed: Unsealed | undefined
  #ports: SystemPorts | undefined
  /** Unsealing and sealing happen one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: CoreOptions) {
    this.#o = options
    const { sealStore: store, clock, log } = options
    this.#unseal = new Unseal({ ...options, store })
    this.#auto = new AutoUnseal({ clock, log, attempt: () => this.#serially(() => this.#openByKeeper()) })
  }

  /** Where nobody has to give shares for it. Resolves when it was tried once. */
  async unsealByItself(): Promise<void> {
    if (this.#unseal.automatic) await this.#auto.start()
  }

  async #openByKeeper(): Promise<void> {
    if (await this.#unseal.openByKeeper()) await this.#startOrSeal()
  }

  open(): Promise<void> {
    return this.#unseal.open()
  }

  readonly operator: Core['operator'] = {
    initialised: async () => this.#unseal.initialised,
    initialise: async parameters => {
      const made = await this.#serially(() => this.#initialise(parameters))
      await this.unsealByItself()
      return made
    },
    sealStatus: () => this.#status(),
    unseal: (key, migrate) =>
      this.#serially(async () => {
        if (await this.#unseal.give(key, migrate)) await this.#startOrSeal()
        return this.#status()
      }),
    resetUnseal: () => {
      this.#unseal.reset()
      return this.#status()
    },
    inNamespace: (header, path) => this.#unsealed?.realms.reach(header, path),
    rootGeneration: () => this.#live().rootGeneration,
    rekey: () => this.#live().rekey,
    recoveryRekey: () => this.#live().recoveryRekey,
    audited: (request, work) => this.#live().pipeline.outside(request, work),
  }

  #status(): SealStatus {
    const status = this.#unseal.status()
    const cluster = this.#unsealed?.cluster
    return cluster ? { ...status, clusterName: cluster.name, clusterId: cluster.id } : { ...status, sealed: true }
  }

  async #initialise(parameters: InitParameters): Promise<InitResult> {
    // Before anything is made: what was asked for encrypted must not be lost, nor shown in clear.
    const { forShares, forToken } = this.#recipients(parameters)
    const { shares, root } = await this.#unseal.initialise(parameters)
    try {
      // The first root token is made inside: the store is opened for it once, and sealed again until the shares come.
      await this.#o.barrier.unseal(root)
      await this.#startOrSeal()
      const rootToken = await this.makeRootToken('')
      await this.#stop()
      const made = await sharesFor(shares, forShares)
      this.#o.log.write('info', 'initialised', { shares: shares.length })
      return {
        keys: made.map(it => Buffer.from(it).toString('hex')),
        keysBase64: made.map(it => Buffer.from(it).toString('base64')),
        rootToken: forToken ? Buffer.from(await forToken.encrypt(Buffer.from(rootToken))).toString('base64') : rootToken,
      }
    } finally {
      root.wipe()
      for (const share of shares) share.fill(0)
    }
  }

  #recipients({ pgpKeys = [], rootTokenPgpKey = '', secretShares, recoveryShares }: InitParameters): {
    readonly forShares: readonly Recipient[]
    readonly forToken: Recipient | undefined
  } {
    const { keeper } = this.#o
    const words = keeper ? 'invalid recovery configuration' : 'invalid seal configuration'
    try {
      if (!this.#unseal.initialised && pgpKeys.length > 0 && pgpKeys.length !== (keeper ? recoveryShares : secretShares))
        throw new Error('count mismatch between number of provided PGP keys and number of shares')
      return {
        forShares: pgpKeys.map(this.#o.recipient),
        forToken: rootTokenPgpKey === '' ? undefined : this.#o.recipient(rootTokenPgpKey),
      }
    } catch (cause) {
      throw faults.refused({ why: `${words}: ${(cause as Error).message}` }, { cause })
    }
  }

  async makeRootToken(id: string): Promise<string> {
    const { tokens } = this.#live()
    const { token } = await tokens.create({
      ...(id !== '' && { id }),
      policies: ['root'],
      path: 'auth/token/root',
      displayName: 'root',
      ttl: 0,
      renewable: false,
      type: 'service',
      leased: false,
    })
    return token
  }

  #live(): Unsealed {
    if (this.#unsealed === undefined) throw faults.sealed()
    return this.#unsealed
  }

  get ports(): SystemPorts {
    if (this.#ports === undefined) throw faults.sealed()
    return this.#ports
  }

  get gate(): Gate | undefined {
    return this.#unsealed?.quotas.gate
  }

  get cors(): CorsConfig | undefined {
    return this.#unsealed?.settings.cors
  }

  async refusedAtGate(request: Parameters<Core['handle']>[0], fault: Fault): Promise<void> {
    await this.#unsealed?.pipeline
      .atGate(request, fault)
      .catch((cause: unknown) => this.#o.log.write('error', 'failed to audit a refused request', { error: String(cause) }))
  }

  async handle(request: Parameters<Core['handle']>[0]): ReturnType<Core['handle']> {
    if (this.#unsealed === undefined) throw this.#unseal.initialised ? faults.sealed() : faults.uninitialised()
    return this.#unsealed.pipeline.handle(request)
  }

  /** What cannot start, such as an audit device that is asked for and cannot be had, must not stand half open. */
  async #startOrSeal(): Promise<void> {
    try {
      await this.#start()
    } catch (cause) {
      await this.#stop()
      throw cause
    }
  }

  /** From an open barrier to a server that answers. */
  async #start(): Promise<void> {
    const { barrier, clock, random, log } = this.#o
    const cluster = await this.#cluster()
    // Tokens, leases, wrapping and namespaces need one another; each gets the others as functions that are called later.
    const late: { realms?: Realms; wrapping?: Wrapping; tokens?: Tokens } = {}
    const leases: Leases = new Leases({
      all: barrier.view(''),
      horizon: this.#o.leaseRevocationHorizon,
      clock,
      random,
      log,
      source: (accessor, namespace) => {
        const mounts = late.realms?.get(namespace)?.mounts
        const live = mounts?.byAccessor(accessor)
        return live && mounts && { backend: live.backend, defaults: mounts.leaseDefaults(live.entry) }
      },
      revokeToken: async id => late.tokens?.revokeTree(id),
    })
    const tokens = await Tokens.open({
      view: barrier.view('sys/'),
      clock,
      random,
      schedule: (id, at) => leases.schedule(id, at),
      unschedule: id => leases.unschedule(id),
      drop: async (id, namespaces) => {
        await late.wrapping?.drop(id)
        for (const namespace of namespaces) {
          const realm = late.realms?.get(namespace === ROOT_NAMESPACE.id ? undefined : namespace)
          const entry = realm?.mounts.find('secret', 'cubbyhole/')
          if (entry) await this.#o.dropCubbyhole(barrier.view(dataPrefix(entry)), id)
        }
      },
      isOpen: namespace => late.realms?.isOpen(namespace) ?? false,
    })
    late.tokens = tokens
    const wrapping = (late.wrapping = new Wrapping(barrier.view('sys/wrapping/'), tokens, clock))
    const quotas = new Quotas({
      view: barrier.view('sys/quotas/'),
      clock,
      placeOf: path => late.realms?.placeOf(path),
    })
    await quotas.open()
    const lockout = new UserLockout({
      view: barrier.view('core/locked-users/'),
      clock,
      log,
      settingsOf: type => ({ ...this.#o.userLockout?.['all'], ...this.#o.userLockout?.[type] }),
      mountOf: accessor => late.realms?.mountOf(accessor),
    })
    await lockout.open()
    const settings = new Settings(barrier.view('core/settings/'), clock)
    await settings.open(this.#o.version)
    const keyRotation = new KeyRotation(barrier.view('core/'), barrier, clock, log)
    await keyRotation.open()
    const rootGeneration = this.#rootGeneration()
    const { rekey, rotation, recoveryRekey, recoveryRotation, backup, recoveryBackup } = this.#rekeys(barrier.view('core/'))
    const realms = (late.realms = new Realms({
      barrier,
      clock,
      random,
      log,
      engines: this.#o.engines,
      authMethods: this.#o.authMethods,
      serverDefaults: { ttl: this.#o.defaultLeaseTtl, maxTtl: this.#o.maxLeaseTtl },
      strictReplies: this.#o.strictReplies ?? false,
      tokens,
      leases,
      wrapping,
      builtIn: ports => this.#builtIn(ports),
      seal: {
        seal: () => this.#seal(),
        keyStatus: () => {
          const { term, installTime, encryptions } = barrier.term()
          return { term, installTime: installTime.toISOString(), encryptions }
        },
        rotate: async () => void (await barrier.rotate()),
        rotationConfig: () => keyRotation.config,
        configureRotation: change => keyRotation.configure(change),
        rotateRoot: async () => {
          await this.#unseal.rotateRoot()
          rekey.cancel()
          rotation.cancel()
        },
        snapshot: () => this.#o.snapshots.take(clock.now(), sums => barrier.vouch(sums)),
        restore: (archive, force) => this.#restore(archive, force),
        rootGeneration,
        rotation,
        recoveryRotation,
        backup,
        recoveryBackup,
        decodeRootToken,
      },
      audit: this.#o.audit,
      quotas,
      lockout,
      settings,
      facts: () => ({
        version: this.#o.version,
        clusterName: cluster.name,
        clusterId: cluster.id,
        storageType: this.#o.storageType,
        apiAddress: this.#o.apiAddress(),
        hostName: hostname(),
        defaultLeaseTtl: this.#o.defaultLeaseTtl,
        maxLeaseTtl: this.#o.maxLeaseTtl,
      }),
    }))
    await realms.open()
    await this.#o.audit.open(barrier.view('sys/audit/'))
    const pipeline = createPipeline({
      clock,
      random,
      realms,
      tokens,
      leases,
      wrapping,
      audit: this.#o.audit,
      lockout,
      version: this.#o.version,
    })
    const ticking = new AbortController()
    this.#ports = realms.root.ports
    this.#unsealed = {
      realms,
      tokens,
      leases,
      pipeline,
      quotas,
      settings,
      cluster,
      ticking,
      rootGeneration,
      rekey,
      rotation,
      recoveryRekey,
      recoveryRotation,
      keyRotation,
    }
    this.#tick(realms, keyRotation, ticking.signal)
    realms.resume()
    void leases.restore().catch((cause: unknown) => log.write('error', 'failed to take up the stored leases', { error: String(cause) }))
    log.write('info', 'unsealed')
  }

  #rootGeneration(): RootGeneration {
    return new RootGeneration({
      random: this.#o.random,
      tokenLength: SERVICE_TOKEN_LENGTH,
      required: () => this.#unseal.current.threshold,
      recipient: this.#o.recipient,
      prove: shares => this.#unseal.openRoot(shares).wipe(),
      makeRootToken: async () => {
        const token = await this.makeRootToken('')
        this.#o.log.write('warn', 'a root token was generated by a quorum of shares')
        return token
      },
    })
  }

  /** The ways to new shares. What one has made is of the past when another is done. */
  #rekeys(view: View): Rekeys {
    const unseal = this.#unseal
    const { random, log, shares: sharing, recipient } = this.#o
    const all: Rekey[] = []
    const done = (): void => {
      for (const it of all) it.cancel()
    }
    const backup = new ShareBackup(view, 'unseal-keys-backup')
    const recoveryBackup = new ShareBackup(view, 'recovery-keys-backup')
    const make = (options: Pick<RekeyOptions, 'words' | 'replace' | 'backup' | 'stored' | 'atOnce'>): Rekey => {
      const rekey = new Rekey({
        ...options,
        random,
        sharing,
        recipient,
        byRecovery: unseal.automatic,
        current: () => unseal.current,
        open: shares => unseal.openRoot(shares),
        divide: (shares, threshold) => unseal.divide(shares, threshold),
      })
      all.push(rekey)
      return rekey
    }
    const rotate = async (): Promise<void> => {
      await unseal.rotateRoot()
      done()
    }
    const replace: RekeyOptions['replace'] = async (key, root, shares, threshold) => {
      if (root === undefined) throw faults.sealed()
      await unseal.replaceKey(key, root, shares, threshold)
      done()
      log.write('info', 'the unseal key has new shares', { shares, threshold })
    }
    const replaceRecovery: RekeyOptions['replace'] = async (key, _root, shares, threshold) => {
      await unseal.replaceRecovery(key, { shares, threshold })
      done()
      log.write('info', 'the recovery key has new shares', { shares, threshold })
    }
    const stored = (shares: number): RekeyOptions['stored'] =>
      unseal.automatic ? { shown: { shares, threshold: shares }, rotate } : undefined
    return {
      rekey: make({ words: rekeyWords, replace, backup, stored: stored(0) }),
      rotation: make({ words: rotationWords, replace, backup, stored: stored(1) }),
      ...(unseal.automatic && {
        recoveryRekey: make({ words: recoveryRekeyWords, replace: replaceRecovery, backup: recoveryBackup }),
        recoveryRotation: make({ words: recoveryRotationWords, replace: replaceRecovery, backup: recoveryBackup, atOnce: true }),
      }),
      backup,
      recoveryBackup,
    }
  }

  #builtIn(ports: SystemPorts): readonly BuiltIn[] {
    return [
      {
        engine: this.#o.cubbyhole,
        type: 'cubbyhole',
        path: 'cubbyhole/',
        description: 'per-token private secret storage',
        local: true,
        sealWrap: false,
      },
      {
        engine: this.#o.identityEngine({
          identity: ports.identity,
          mfa: ports.mfa,
          mountOf: accessor => ports.mounts.withAccessor(accessor),
          apiAddress: this.#o.apiAddress,
        }),
        type: 'identity',
        path: 'identity/',
        description: 'identity store',
        local: false,
        sealWrap: false,
        passthroughRequestHeaders: ['Authorization'],
      },
      {
        engine: this.#o.system(ports),
        type: 'system',
        path: 'sys/',
        description: 'system endpoints used for control, policy and debugging',
        local: false,
        sealWrap: true,
        passthroughRequestHeaders: ['Accept'],
      },
      {
        engine: this.#o.tokenMethod({ tokens: ports.tokens, policies: ports.policies, renewals: ports.renewals, identity: ports.identity }),
        type: 'token',
        path: 'token/',
        description: 'token based credentials',
        local: false,
        sealWrap: false,
      },
    ]
  }

  /** Periodic work of the backends, one after the other, so that none can pile up. */
  #tick(realms: Realms, keyRotation: KeyRotation, signal: AbortSignal): void {
    const { clock, log } = this.#o
    const cancel = clock.after(TICK_MS, () => {
      void (async () => {
        await keyRotation
          .tick()
          .catch((cause: unknown) => log.write('warn', 'the encryption key could not be rotated', { error: (cause as Error).message }))
        for (const { namespace, mounts } of realms.all()) {
          // With thousands of namespaces this takes a while: requests go first.
          await new Promise(resolve => setImmediate(resolve))
          for (const { entry, backend } of mounts.all()) {
            if (signal.aborted) return
            try {
              if (!namespace.tainted) await backend.tick?.(clock.now(), signal)
            } catch (cause) {
              const error = cause instanceof Error ? cause.message : String(cause)
              log.write('warn', 'periodic work of a mount failed', { path: namespace.path + entry.path, error })
            }
          }
        }
        if (!signal.aborted) this.#tick(realms, keyRotation, signal)
      })()
    })
    signal.addEventListener('abort', cancel, { once: true })
  }

  async #cluster(): Promise<Cluster> {
    const view = this.#o.barrier.view('core/')
    const known = await readRecord<Cluster>(view, 'cluster')
    const name = this.#o.clusterName
    if (known && (name === undefined || name === known.name)) return known
    const made: Cluster = {
      name: name ?? known?.name ?? `vault-cluster-${Buffer.from(this.#o.random.bytes(4)).toString('hex')}`,
      id: known?.id ?? this.#o.random.uuid(),
    }
    await view.put('cluster', encodeRecord(made))
    return made
  }

  async #restore(archive: AsyncIterable<Uint8Array>, force: boolean): Promise<void> {
    const { snapshots, barrier, log } = this.#o
    const read = await snapshots.read(archive).catch((cause: unknown) => {
      throw faults.failedAs({ why: (cause as Error).message })
    })
    if (!force && !barrier.vouchesFor(read.sums, read.sealed))
      throw faults.refused({
        why: 'could not verify hash file, possibly the snapshot is using a different set of unseal keys; use the snapshot-force API to bypass this check',
      })
    await this.#serially(async () => {
      const { guard } = this.#unseal
      await this.#stop()
      await read.replaceStore()
      const open = await this.#unseal.reopen(guard)
      log.write('warn', 'the store was replaced by a snapshot', { forced: force, sealed: !open })
      if (open) await this.#startOrSeal()
    })
    if (this.#unsealed === undefined) await this.unsealByItself()
  }

  #seal(): Promise<void> {
    this.#auto.stop()
    return this.#serially(async () => {
      await this.#stop()
      this.#o.log.write('info', 'sealed')
    })
  }

  /** From a server that answers to a sealed barrier. */
  async #stop(): Promise<void> {
    const unsealed = this.#unsealed
    this.#unsealed = undefined
    this.#ports = undefined
    if (unsealed) {
      unsealed.ticking.abort()
      unsealed.rootGeneration.cancel()
      unsealed.rekey.cancel()
      unsealed.rotation.cancel()
      unsealed.recoveryRekey?.cancel()
      unsealed.recoveryRotation?.cancel()
      await unsealed.leases.stop()
      await unsealed.realms.close()
      unsealed.tokens.forget()
    }
    await this.#o.audit.close()
    this.#unseal.sealed()
    if (this.#o.barrier.state === 'unsealed') this.#o.barrier.seal()
  }

  close(): Promise<void> {
    this.#auto.stop()
    return this.#serially(async () => {
      await this.#stop()
      this.#unseal.close()
      await this.#o.closeStorage()
    })
  }

  #serially<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work, work)
    this.#turn = done.catch(() => undefined)
    return done
  }
}
