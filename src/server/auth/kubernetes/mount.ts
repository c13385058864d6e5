/**
 * What one mount keeps:
 *
 *     config        where the API server is, whom it trusts, who asks
 *     role/<name>   a role, its name in lower case
 *
 * and in memory the connections to the API server, for as long as host and CA stay the same.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { ParsedRecords } from '../../framework/index.ts'
import { faults, type Host, type View } from '../../logical/index.ts'
import { Api, certificatesOf } from './api.ts'
import { FileUnreadable, localFiles, type LocalFiles } from './local-files.ts'
import type { Role } from './role.ts'

/** As kept. Empty texts: not given. */
export interface Config {
  readonly host: string
  readonly ca: string
  readonly reviewerToken: string
  readonly pemKeys: readonly string[]
  readonly issuer: string
  readonly disableIssuerValidation: boolean
  readonly disableLocal: boolean
}
interface KeyedConfig {
  readonly config: Config
  readonly keys: readonly KeyObject[]
}

/** What a login needs of it, local files read. */
export interface Connection {
  readonly api: Api
  readonly config: Config
  readonly keys: readonly KeyObject[]
  /** Empty: the token that logs in asks for itself. */
  readonly reviewerToken: string
}

const CONFIG = 'config'
const ROLES = 'role/'
const CACHE = 4 * 1024 * 1024

const parsed = <T>(bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as T
const encoded = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

export class Mount {
  readonly host: Host
  readonly files: LocalFiles
  readonly #roles = new ParsedRecords<Role>(CACHE, parsed)
  readonly #configs = new ParsedRecords<KeyedConfig>(CACHE, bytes => {
    const config = parsed<Config>(bytes)
    return { config, keys: config.pemKeys.map(it => createPublicKey(it)) }
  })
  #api: { readonly host: string; readonly ca: string; readonly api: Api } | undefined

  constructor(host: Host, folder: string) {
    this.host = host
    this.files = localFiles(folder, host.clock)
  }

  close(): void {
    this.#api?.api.close()
    this.#api = undefined
    this.#roles.clear()
    this.#configs.clear()
  }

  async config(view: View): Promise<KeyedConfig | undefined> {
    const bytes = await view.get(CONFIG)
    return bytes && this.#configs.of(CONFIG, bytes)
  }

  putConfig(view: View, config: Config): Promise<void> {
    return view.put(CONFIG, encoded(config))
  }

  async role(view: View, name: string): Promise<Role | undefined> {
    const at = name.toLowerCase()
    const bytes = await view.get(ROLES + at)
    return bytes && this.#roles.of(at, bytes)
  }

  putRole(view: View, name: string, role: Role): Promise<void> {
    return view.put(ROLES + name.toLowerCase(), encoded(role))
  }

  deleteRole(view: View, name: string): Promise<void> {
    return view.delete(ROLES + name.toLowerCase())
  }

  roleNames(view: View, page: { readonly after?: string; readonly limit?: number }): Promise<readonly string[]> {
    return view.list(ROLES, page)
  }

  /** The CA of a configuration: its own, else that of the pod. Throws the peer's words when that cannot be read. */
  async caOf(config: Config): Promise<string> {
    if (config.ca !== '' || config.disableLocal) return config.ca
    return this.files.ca()
  }

  async connect(view: View): Promise<Connection> {
    const found = await this.config(view)
    if (found === undefined) throw faults.failed({ why: 'could not load backend configuration' })
    const { config, keys } = found
    let ca: string
    try {
      ca = await this.caOf(config)
    } catch (cause) {
      if (!(cause instanceof FileUnreadable)) throw cause
      throw faults.failed({ why: cause.message }, { cause })
    }
    return { api: this.#connected(config.host, ca), config, keys, reviewerToken: await this.#reviewerToken(config) }
  }

  async #reviewerToken(config: Config): Promise<string> {
    if (config.reviewerToken !== '' || config.disableLocal) return config.reviewerToken
    try {
      return await this.files.token()
    } catch (cause) {
      if (!(cause instanceof FileUnreadable)) throw cause
      this.host.log.write('debug', 'no service account token of our own, the one that logs in asks for itself', { why: cause.message })
      return ''
    }
  }

  /** One Api at a time: a request on its way over an old one ends by itself, for its sockets live on until they are idle. */
  #connected(host: string, ca: string): Api {
    if (this.#api?.host === host && this.#api.ca === ca) return this.#api.api
    const { clock, random, log } = this.host
    if (certificatesOf(ca).length === 0) log.write('warn', 'no CA certificate is configured, so the Kubernetes API cannot be verified')
    let api: Api
    try {
      api = new Api(host, ca, { clock, random, log })
    } catch (cause) {
      log.write('warn', 'kubernetes_host is neither a URL nor a host', { host })
      throw faults.tokenRefused({ cause })
    }
    this.#api?.api.retire()
    this.#api = { host, ca, api }
    return api
  }
}
