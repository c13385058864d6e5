/**
 * Builds revocation lists: a complete one for each issuer that may sign lists, shared by issuers of one key and name, and a delta to it.
 *
 * 1. One build at a time; those who ask while one waits are served by that one.
 * 2. Whoever is revoked when a build starts is on its list.
 * 3. A build gives way to other work every few hundred entries: a list may have a hundred thousand.
 */
import { setImmediate as turn } from 'node:timers/promises'
import { parseDuration } from '../../../kernel/index.ts'
import {
  Certificate,
  type Extension,
  deltaCrlIndicator,
  freshestCrl,
  makeRevocationList,
  RevokedEntries,
  signatureAlgorithms,
  usualAlgorithm,
} from '../../x509/index.ts'
import { type CrlState, CrlStore, type ListState } from './crl-store.ts'
import type { PkiMount } from './mount.ts'
import type { CrlConfig } from './settings.ts'
import { defaultCrlConfig } from './settings.ts'
import { isUnusable, signerFor } from './signer.ts'
import { coloned, type Issuer, type Revocation, USAGE } from './store.ts'

/** Entries that are read between two turns of others. */
const BATCH = 250

/** A list cannot be built; `isRequest`: by what an issuer is, not by a failure. */
export class CrlFailure extends Error {
  override readonly name = 'CrlFailure'
  readonly isRequest: boolean

  constructor(message: string, isRequest: boolean) {
    super(message)
    this.isRequest = isRequest
  }
}

interface Group {
  readonly issuers: readonly Issuer[]
  readonly representative: Issuer | undefined
  readonly entries: RevokedEntries
}

type Warnings = readonly string[]
interface Waiting {
  readonly forceNew: boolean
  readonly done: Promise<Warnings>
}

export class CrlBuilder {
  readonly lists: CrlStore
  readonly #mount: PkiMount
  #lock: Promise<unknown> = Promise.resolve()
  #waiting: Waiting | undefined
  #lastDeltaCheck: number
  #force = false

  constructor(mount: PkiMount) {
    this.#mount = mount
    this.lists = new CrlStore(mount.host.view)
    this.#lastDeltaCheck = mount.host.clock.now().getTime()
  }

  /** Builds all complete lists, and their deltas. `forceNew`: also where lists are disabled, as empty ones. @throws CrlFailure */
  rebuild(forceNew: boolean): Promise<Warnings> {
    const waiting = this.#waiting
    if (waiting !== undefined && (waiting.forceNew || !forceNew)) return waiting.done
    const done = this.#exclusively(async () => {
      if (this.#waiting?.done === done) this.#waiting = undefined
      const force = this.#force || forceNew
      this.#force = false
      return this.#complete(force)
    })
    this.#waiting = { forceNew, done }
    return done
  }

  /** Builds the deltas, if they are on and there is something new, or `override` says so. @throws CrlFailure */
  async rebuildDeltas(override: boolean): Promise<Warnings> {
    const config = await this.#mount.store.crlConfig()
    if (!config.enableDelta) return []
    return this.#exclusively(async () => {
      const now = this.#now()
      if (!override && now < this.#lastDeltaCheck + milliseconds(config.deltaRebuildInterval, defaultCrlConfig.deltaRebuildInterval))
        return []
      this.#lastDeltaCheck = now
      const last = await this.lastRevoked()
      if (!override && (last === '' || last === (await this.lists.state()).deltaSerial)) return []
      return this.#delta()
    })
  }

  /** For the next delta. */
  async noteRevoked(serial: string): Promise<void> {
    await this.#mount.store.transact(async ({ view }) => {
      await view.put(`delta/${serial}`, new Uint8Array())
      await view.put('crl/last-revoked', Buffer.from(serial))
    })
  }
  private async lastRevoked(): Promise<string> {
    const bytes = await this.#mount.store.view.get('crl/last-revoked')
    return bytes === undefined ? '' : Buffer.from(bytes).toString()
  }

  /** A list that ends soon is built before its time. */
  async tick(now: Date): Promise<void> {
    const config = await this.#mount.store.crlConfig()
    if (!config.disable && config.autoRebuild) {
      const { lists } = await this.lists.state()
      const grace = milliseconds(config.autoRebuildGracePeriod, defaultCrlConfig.autoRebuildGracePeriod)
      const known = Object.values(lists)
      if ((known.length === 0 && (await this.#mount.store.issuerIds()).length > 0) || known.some(it => now.getTime() > it.expires - grace))
        this.#logged(await this.rebuild(true))
    }
    this.#logged(await this.rebuildDeltas(false))
  }

  async close(): Promise<void> {
    await this.#lock
    this.lists.clear()
  }

  #exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lock.then(work, work)
    this.#lock = done.catch(() => undefined)
    return done
  }

  #logged(warnings: Warnings): void {
    for (const warning of warnings) this.#mount.host.log.write('warn', 'building revocation lists', { warning })
  }

  #now = (): number => this.#mount.host.clock.now().getTime()

  async #complete(forceNew: boolean): Promise<Warnings> {
    const { store } = this.#mount
    const config = await store.crlConfig()
    if (config.disable && !forceNew) return []
    const pending = await store.view.list('delta/')
    const warnings = (await this.#build(config, false)).map(it => `warning from local CRL rebuild: ${it}`)
    for (const serial of pending) await store.view.delete(`delta/${serial}`)
    const more = await this.#delta()
    return [...warnings, ...more.map(it => `warning from delta CRL rebuild: ${it}`)]
  }

  async #delta(): Promise<Warnings> {
    const last = await this.lastRevoked()
    const warnings = await this.#build(await this.#mount.store.crlConfig(), true)
    this.#lastDeltaCheck = this.#now()
    if (last !== '') await this.lists.putState({ ...(await this.lists.state()), deltaSerial: last })
    return warnings
  }

  async #build(config: CrlConfig, isDelta: boolean): Promise<Warnings> {
    const { store } = this.#mount
    const issuers = (await store.issuers()).filter(it => it.record.keyId !== '')
    const { default: byDefault } = await store.issuersConfig()
    const groups = groupsOf(issuers, byDefault)
    if (!config.disable) await this.#collect(groups, issuers, byDefault, isDelta)
    const warnings: string[] = []
    let state = await this.lists.state()
    for (const group of groups) {
      if (group.representative === undefined) {
        if (!isDelta)
          warnings.push(
            `Issuer equivalency set with associated keys lacked an issuer with CRL Signing KeyUsage; refusing to rebuild CRL for this group of issuers: ${group.issuers.map(it => it.record.id).join(',')}`,
          )
        continue
      }
      state = await this.#write(group as Group & { readonly representative: Issuer }, config, state, isDelta)
    }
    await this.lists.putState(await this.#withoutTheGone(state))
    return warnings
  }

  /** The entries of all groups. */
  async #collect(groups: readonly Group[], issuers: readonly Issuer[], byDefault: string, isDelta: boolean): Promise<void> {
    const { store } = this.#mount
    const target = new Map<string, RevokedEntries>()
    for (const { issuers: members, entries, representative } of groups) {
      if (representative === undefined) continue
      for (const { record } of members) if ((record.usage & USAGE.crlSigning) !== 0) target.set(record.id, entries)
    }
    const known = new Set(issuers.map(it => it.record.id))
    const own = new Map(issuers.map(it => [it.record.serialNumber, it]))
    const prefix = isDelta ? 'delta/' : 'revoked/'
    for (let after: string | undefined; ; await turn()) {
      const serials = await store.view.list(prefix, { limit: BATCH, ...(after !== undefined && { after }) })
      const found = await Promise.all(serials.map(it => store.revocations.get(it)))
      for (const [i, revocation] of found.entries()) {
        const serial = serials[i] as string
        // An issuer does not stand on its own list.
        if (revocation === undefined || isIssuer(own.get(coloned(serial)), revocation)) continue
        const issuer = known.has(revocation.issuer) ? revocation.issuer : await this.#associate(serial, revocation, issuers)
        const entry = { serial: Buffer.from(serial.replaceAll('-', ''), 'hex'), at: new Date(revocation.at) }
        target.get(issuer === '' ? byDefault : issuer)?.add(entry)
      }
      after = serials.at(-1)
      if (serials.length < BATCH) break
    }
    if (!isDelta) addRevokedIssuers(issuers, target)
  }

  /** Whose certificate it was: an issuer may have come, or come back, since. '' when none that is here. */
  async #associate(serial: string, revocation: Revocation, issuers: readonly Issuer[]): Promise<string> {
    const issuer = issuerOf(new Certificate(Buffer.from(revocation.certificate, 'base64')), issuers)
    if (issuer !== '') await this.#mount.store.revocations.put(serial, { ...revocation, issuer })
    return issuer
  }

  async #write(
    group: Group & { readonly representative: Issuer },
    config: CrlConfig,
    state: CrlState,
    isDelta: boolean,
  ): Promise<CrlState> {
    const { store, host } = this.#mount
    const { representative, issuers, entries } = group
    const { record } = representative
    const ids = issuers.filter(it => (it.record.usage & USAGE.crlSigning) !== 0).map(it => state.issuers[it.record.id])
    const id = ids.find(it => it !== undefined) ?? host.random.uuid()
    const before: ListState = state.lists[id] ?? { number: 1, lastComplete: 0, expires: 0 }
    const signer = await signerFor(store, representative, USAGE.crlSigning)
    if (isUnusable(signer))
      throw new CrlFailure(
        `error building CRLs: error building CRLs: unable to build CRL for issuer (${record.id}): ${signer.isRequest ? 'could not fetch the CA certificate' : 'error fetching CA certificate'}: ${signer.why}`,
        signer.isRequest,
      )
    const thisUpdate = host.clock.now()
    const nextUpdate = new Date(thisUpdate.getTime() + milliseconds(config.expiry, defaultCrlConfig.expiry))
    const urls = signer.urls.deltaCrlDistributionPoints
    const extensions: Extension[] = isDelta ? [deltaCrlIndicator(before.lastComplete)] : urls.length > 0 ? [freshestCrl(urls)] : []
    const algorithm = record.revocationAlgorithm === '' ? usualAlgorithm(signer.key) : signatureAlgorithms[record.revocationAlgorithm]
    const list = await makeRevocationList(
      { issuer: signer.certificate, algorithm, thisUpdate, nextUpdate, revoked: entries, number: before.number, extensions },
      signer.key,
    )
    await this.lists.write(isDelta ? `${id}-delta` : id, list, host.random.uuid())
    const next: ListState = {
      number: before.number + 1,
      lastComplete: isDelta ? before.lastComplete : before.number,
      expires: nextUpdate.getTime(),
    }
    return {
      ...state,
      lists: { ...state.lists, [id]: next },
      issuers: { ...state.issuers, ...Object.fromEntries(issuers.map(it => [it.record.id, id])) },
      ...(isDelta ? { deltaLastModified: thisUpdate.getTime() } : { lastModified: thisUpdate.getTime() }),
    }
  }

  /** Lists of issuers that are gone go too. */
  async #withoutTheGone(state: CrlState): Promise<CrlState> {
    const here = new Set(await this.#mount.store.issuerIds())
    const issuers = Object.fromEntries(Object.entries(state.issuers).filter(([id]) => here.has(id)))
    const used = new Set(Object.values(issuers))
    for (const id of Object.keys(state.lists)) {
      if (used.has(id)) continue
      await this.lists.drop(id)
      await this.lists.drop(`${id}-delta`)
    }
    return { ...state, issuers, lists: Object.fromEntries(Object.entries(state.lists).filter(([id]) => used.has(id))) }
  }
}

/** Issuers of one key and one name share a list. The default signs it where it is among them. */
function groupsOf(issuers: readonly Issuer[], byDefault: string): readonly Group[] {
  const sets = new Map<string, Issuer[]>()
  for (const issuer of issuers) {
    const key = `${issuer.record.keyId} ${issuer.certificate.subject.raw.toString('latin1')}`
    sets.set(key, [...(sets.get(key) ?? []), issuer])
  }
  return [...sets.values()].map(members => {
    const able = members.filter(it => (it.record.usage & USAGE.crlSigning) !== 0)
    return { issuers: members, representative: able.find(it => it.record.id === byDefault) ?? able[0], entries: new RevokedEntries() }
  })
}

const isIssuer = (issuer: Issuer | undefined, { certificate }: Revocation): boolean =>
  issuer !== undefined && issuer.certificate.der.toString('base64') === certificate

/** Issuers that were revoked stand on the lists of those who signed them. */
function addRevokedIssuers(issuers: readonly Issuer[], target: ReadonlyMap<string, RevokedEntries>): void {
  for (const { record, certificate } of issuers) {
    if (record.revokedAt === undefined) continue
    const at = new Date(record.revokedAt)
    for (const parent of issuers) {
      if (parent.record.id !== record.id && certificate.isSignedBy(parent.certificate))
        target.get(parent.record.id)?.add({ serial: certificate.serial, at })
    }
  }
}

/** Who signed it; '' when none of these. */
export function issuerOf(certificate: Certificate, issuers: readonly Issuer[]): string {
  const found = issuers.find(it => certificate.issuer.raw.equals(it.certificate.subject.raw) && certificate.isSignedBy(it.certificate))
  return found?.record.id ?? ''
}

export const milliseconds = (text: string, otherwise: string): number => 1000 * (parseDuration(text) ?? parseDuration(otherwise) ?? 0)
