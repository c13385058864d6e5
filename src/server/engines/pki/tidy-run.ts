/** One pass over what a mount keeps: what is expired long enough goes. */
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises'
import { Certificate } from '../../x509/index.ts'
import { rebuildChains } from './chains.ts'
import { issuerOf } from './crl-builder.ts'
import type { PkiMount } from './mount.ts'
import type { TidyConfig } from './settings.ts'
import type { Issuer } from './store.ts'

/** What a pass has done so far. */
export interface TidyProgress {
  message: string
  certificatesDeleted: number
  revokedDeleted: number
  missingIssuers: number
}

export class TidyCancelled extends Error {
  override readonly name = 'TidyCancelled'
}

/** @throws TidyCancelled */
export async function runTidy(mount: PkiMount, config: TidyConfig, progress: TidyProgress, signal: AbortSignal): Promise<void> {
  const pass = new Pass(mount, config, progress, signal)
  let changesLists = false
  if (config.certStore || config.invalidCerts) changesLists = (await pass.certificates()) || changesLists
  pass.checkCancelled()
  if (config.revokedCerts || config.issuerAssociations || config.invalidCerts) changesLists = (await pass.revocations()) || changesLists
  pass.checkCancelled()
  if (changesLists && !(await mount.store.crlConfig()).autoRebuild) await mount.crl.rebuild(false)
  pass.checkCancelled()
  if (config.expiredIssuers) await pass.issuers()
}

class Pass {
  readonly #mount: PkiMount
  readonly #config: TidyConfig
  readonly #progress: TidyProgress
  readonly #signal: AbortSignal

  constructor(mount: PkiMount, config: TidyConfig, progress: TidyProgress, signal: AbortSignal) {
    this.#mount = mount
    this.#config = config
    this.#progress = progress
    this.#signal = signal
  }

  checkCancelled(): void {
    if (this.#signal.aborted) throw new TidyCancelled()
  }

  /** Whether something went that stood on a list. */
  async certificates(): Promise<boolean> {
    const { store } = this.#mount
    const { certStore, revokedCerts, invalidCerts, safetyBuffer, revokedSafetyBuffer = safetyBuffer } = this.#config
    let changesLists = false
    await this.#each('cert/', 'Tidying certificate store: checking entry', async name => {
      const der = await store.view.get(`cert/${name}`)
      const certificate = der && readable(der)
      if (certificate === undefined) {
        if (der === undefined || der.length === 0 || invalidCerts) await this.#dropCertificate(name)
        return
      }
      if (!certStore) return
      const isRevoked = (await store.view.get(`revoked/${name}`)) !== undefined
      if (this.#age(certificate) <= (isRevoked ? revokedSafetyBuffer : safetyBuffer)) return
      await this.#dropCertificate(name)
      if (!isRevoked || !revokedCerts) return
      await this.#dropRevocation(name)
      changesLists = true
    })
    return changesLists
  }

  async revocations(): Promise<boolean> {
    const { store } = this.#mount
    const { revokedCerts, invalidCerts, issuerAssociations, safetyBuffer, revokedSafetyBuffer = safetyBuffer } = this.#config
    const issuers = await store.issuers()
    let changesLists = false
    await this.#each('revoked/', 'Tidying revoked certificates: checking certificate', async name => {
      const revocation = await store.revocations.get(name)
      const certificate = revocation && readable(Buffer.from(revocation.certificate, 'base64'))
      if (revocation === undefined || certificate === undefined) {
        if (invalidCerts) await this.#dropRevocation(name)
        return
      }
      if (revokedCerts && this.#age(certificate) > revokedSafetyBuffer) {
        await store.transact(async ({ view }) => {
          await view.delete(`revoked/${name}`)
          await view.delete(`cert/${name}`)
        })
        this.#progress.revokedDeleted++
        changesLists = true
      } else if (issuerAssociations && !issuers.some(it => it.record.id === revocation.issuer)) {
        this.#progress.missingIssuers++
        await store.revocations.put(name, { ...revocation, issuer: issuerOf(certificate, issuers) })
      }
    })
    return changesLists
  }

  issuers(): Promise<void> {
    return this.#mount.exclusively(async () => {
      const { store, host, crl } = this.#mount
      const { default: byDefault } = await store.issuersConfig()
      const old = (await store.issuers()).filter(it => this.#age(it.certificate) > this.#config.issuerSafetyBuffer)
      const gone = old.filter(it => it.record.id !== byDefault)
      const facts = ({ record }: Issuer): Record<string, string> => ({ issuer: record.id, name: record.name, serial: record.serialNumber })
      for (const issuer of old.filter(it => it.record.id === byDefault))
        host.log.write('warn', 'an issuer expired long ago, and stays because it is the default', facts(issuer))
      if (gone.length === 0) return
      await store.transact(async tx => {
        for (const { record } of gone) await tx.dropIssuer(record.id)
        await rebuildChains(tx)
      })
      for (const issuer of gone) host.log.write('info', 'removed an issuer that expired long ago', facts(issuer))
      await crl.rebuild(false)
    })
  }

  #age = ({ notAfter }: Certificate): number => (this.#mount.host.clock.now().getTime() - notAfter.getTime()) / 1000

  async #dropCertificate(name: string): Promise<void> {
    await this.#mount.store.view.delete(`cert/${name}`)
    this.#progress.certificatesDeleted++
  }
  async #dropRevocation(name: string): Promise<void> {
    await this.#mount.store.view.delete(`revoked/${name}`)
    this.#progress.revokedDeleted++
  }

  async #each(prefix: string, doing: string, work: (name: string) => Promise<void>): Promise<void> {
    const { pageSize, pauseDuration } = this.#config
    let total = 0
    for (let after: string | undefined; ;) {
      const names = await this.#mount.store.view.list(prefix, {
        ...(pageSize > 0 && { limit: pageSize }),
        ...(after !== undefined && { after }),
      })
      for (const [i, name] of names.entries()) {
        this.#progress.message = `${doing} ${i} of ${pageSize} on current page; total certs checked: ${total + i}`
        this.checkCancelled()
        if (pauseDuration > 0) await delay(pauseDuration * 1000, undefined, { signal: this.#signal }).catch(() => undefined)
        await work(name)
        if (i % 100 === 99) await turn()
      }
      total += names.length
      after = names.at(-1)
      if (pageSize <= 0 || names.length < pageSize) return
    }
  }
}

function readable(der: Uint8Array): Certificate | undefined {
  try {
    return new Certificate(der)
  } catch {
    return undefined
  }
}
