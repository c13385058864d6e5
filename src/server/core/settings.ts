/**
 * Settings of the server that operators make over the API: which web pages may talk to it (CORS), headers of pages, and which versions have
 * run. Kept below `core/settings/`; read once, at unseal.
 */
import type { Clock } from '../../kernel/index.ts'
import type { CorsConfig, SettingsPort, VersionRun, View } from '../logical/index.ts'
import { encodeRecord, readRecord } from './record.ts'

const CORS = 'cors'
const HEADERS = 'ui-headers'
const VERSIONS = 'versions'

export class Settings implements SettingsPort {
  readonly #view: View
  readonly #clock: Clock
  #cors: CorsConfig | undefined
  #headers: Readonly<Record<string, readonly string[]>> = {}
  #versions: readonly VersionRun[] = []

  constructor(view: View, clock: Clock) {
    this.#view = view
    this.#clock = clock
  }

  /** `version`: what runs now; noted when it runs on this store for the first time. */
  async open(version: string): Promise<void> {
    this.#cors = await readRecord<CorsConfig>(this.#view, CORS)
    this.#headers = (await readRecord<Record<string, readonly string[]>>(this.#view, HEADERS)) ?? {}
    this.#versions = (await readRecord<readonly VersionRun[]>(this.#view, VERSIONS)) ?? []
    if (this.#versions.some(it => it.version === version)) return
    this.#versions = [...this.#versions, { version, since: `${this.#clock.now().toISOString().slice(0, 19)}Z` }]
    await this.#view.put(VERSIONS, encodeRecord(this.#versions))
  }

  get cors(): CorsConfig | undefined {
    return this.#cors
  }

  async setCors(config: CorsConfig | undefined): Promise<void> {
    if (config === undefined) await this.#view.delete(CORS)
    else await this.#view.put(CORS, encodeRecord(config))
    this.#cors = config
  }

  get uiHeaders(): Readonly<Record<string, readonly string[]>> {
    return this.#headers
  }

  async setUiHeader(name: string, values: readonly string[] | undefined): Promise<void> {
    const { [name]: _, ...others } = this.#headers
    const next = values === undefined ? others : { ...others, [name]: values }
    await this.#view.put(HEADERS, encodeRecord(next))
    this.#headers = next
  }

  get versions(): readonly VersionRun[] {
    return this.#versions
  }
}
