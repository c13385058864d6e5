import type { AuditedHeadersPort, View } from '../logical/index.ts'

type Config = Readonly<Record<string, { readonly hmac: boolean }>>

/** Which request headers audit records, and which of those it hashes. Names count in lower case. */
export class AuditedHeaders implements AuditedHeadersPort {
  #view: View | undefined
  #config: Config = {}

  async open(view: View): Promise<void> {
    this.#view = view
    const bytes = await view.get('headers')
    this.#config = bytes === undefined ? {} : (JSON.parse(Buffer.from(bytes).toString()) as Config)
  }

  close(): void {
    this.#view = undefined
    this.#config = {}
  }

  all(): Config {
    return this.#config
  }

  get(name: string): { readonly hmac: boolean } | undefined {
    const key = name.toLowerCase()
    return Object.hasOwn(this.#config, key) ? this.#config[key] : undefined
  }

  put(name: string, hmac: boolean): Promise<void> {
    return this.#change({ ...this.#config, [name.toLowerCase()]: { hmac } })
  }

  delete(name: string): Promise<void> {
    const { [name.toLowerCase()]: _, ...rest } = this.#config
    return this.#change(rest)
  }

  async #change(next: Config): Promise<void> {
    await this.#view?.put('headers', Buffer.from(JSON.stringify(next)))
    this.#config = next
  }

  readonly isHashed: (name: string) => boolean = name => this.#config[name]?.hmac ?? true

  /** Those of a request that are to be recorded; undefined when there are none. */
  of(valuesOf: (name: string) => readonly string[] | undefined): Readonly<Record<string, readonly string[]>> | undefined {
    let found: Record<string, readonly string[]> | undefined
    for (const name of Object.keys(this.#config)) {
      const values = valuesOf(name)
      if (values !== undefined && values.length > 0) (found ??= {})[name] = values
    }
    return found
  }
}
