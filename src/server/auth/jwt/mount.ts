/**
 * What one mount keeps:
 *
 *     config        whose tokens are believed, and how people are sent through a browser
 *     role/<name>   a role, its name in lower case
 *
 * and in memory what the issuer publishes, for as long as the configuration stays the same, and the logins that are on their way
 * through a browser.
 */
import { parseJson, stringifyJson } from '../../../kernel/index.ts'
import { ParsedRecords } from '../../framework/index.ts'
import type { Host, View } from '../../logical/index.ts'
import type { Config } from './config-record.ts'
import { Issuer } from './issuer.ts'
import { PendingLogins } from './pending-logins.ts'
import type { Role } from './role.ts'

const CONFIG = 'config'
const ROLES = 'role/'
const CACHE = 4 * 1024 * 1024

/** Numbers of bound claims count by the letters that they were written in, so those must survive. */
const parsed = <T>(bytes: Uint8Array): T => parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as T
const encoded = (value: unknown): Uint8Array => Buffer.from(stringifyJson(value))

export class Mount {
  readonly host: Host
  readonly pending: PendingLogins
  readonly #roles = new ParsedRecords<Role>(CACHE, parsed)
  readonly #configs = new ParsedRecords<Config>(CACHE, parsed)
  #issuer: { readonly config: Config; readonly issuer: Issuer } | undefined

  constructor(host: Host) {
    this.host = host
    this.pending = new PendingLogins(host.clock, host.random)
  }

  close(): void {
    this.#issuer?.issuer.close()
    this.#issuer = undefined
    this.pending.clear()
    this.#roles.clear()
    this.#configs.clear()
  }

  async config(view: View): Promise<Config | undefined> {
    const bytes = await view.get(CONFIG)
    return bytes && this.#configs.of(CONFIG, bytes)
  }

  putConfig(view: View, config: Config): Promise<void> {
    return view.put(CONFIG, encoded(config))
  }

  /** One at a time; what is on its way over an old one ends by itself. */
  issuer(config: Config): Issuer {
    if (this.#issuer?.config !== config) this.#issuer = { config, issuer: new Issuer(config, this.host.clock) }
    return this.#issuer.issuer
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
}
