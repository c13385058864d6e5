/** Plaintext storage confined to a prefix: all that an engine sees of the store. */
export interface View {
  get(key: string): Promise<Uint8Array | undefined>
  put(key: string, value: Uint8Array): Promise<void>
  /** An absent key is success. */
  delete(key: string): Promise<void>
  /** Children of a prefix ('' or ending in '/'), in byte order; folders end in '/'. */
  list(prefix: string, page?: { readonly after?: string; readonly limit?: number }): Promise<readonly string[]>
  sub(prefix: string): View
  /**
   * Runs `work` against a snapshot that sees its own writes, then makes all of them durable at once, if nothing that it
   * read has changed meanwhile; otherwise runs it again. So `work` must have no effect but on its view. A throw changes
   * nothing.
   */
  transact<T>(work: (view: View) => Promise<T>): Promise<T>
}

/** Typed access on top of a view, a record a name. */
export interface Collection<T> {
  get(name: string): Promise<T | undefined>
  put(name: string, value: T): Promise<void>
  delete(name: string): Promise<void>
  names(under?: string, page?: { readonly after?: string; readonly limit?: number }): Promise<readonly string[]>
}

export function collection<T>(view: View, prefix: string): Collection<T> {
  const at = view.sub(prefix)
  return {
    async get(name) {
      const bytes = await at.get(name)
      return bytes && (JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as T)
    },
    put: (name, value) => at.put(name, Buffer.from(JSON.stringify(value))),
    delete: name => at.delete(name),
    names: (under = '', page) => at.list(under, page),
  }
}

/** A view over a plain map, for tests of engines. */
export function memoryView(store: Map<string, Uint8Array> = new Map(), base = ''): View {
  const view: View = {
    get: async key => store.get(base + key),
    put: async (key, value) => void store.set(base + key, value),
    delete: async key => void store.delete(base + key),
    async list(prefix, { after, limit } = {}) {
      const from = base + prefix
      const children = [...store.keys()].filter(key => key.startsWith(from)).map(key => key.slice(from.length).replace(/\/.*/s, '/'))
      const sorted = [...new Set(children)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      const rest = after === undefined ? sorted : sorted.filter(it => Buffer.compare(Buffer.from(it), Buffer.from(after)) > 0)
      return limit === undefined || limit <= 0 ? rest : rest.slice(0, limit)
    },
    sub: prefix => memoryView(store, base + prefix),
    async transact(work) {
      const copy = new Map(store)
      const result = await work(memoryView(copy, base))
      store.clear()
      for (const [key, value] of copy) store.set(key, value)
      return result
    },
  }
  return view
}
