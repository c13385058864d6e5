import { randomBytes, randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { type Clock, type Log, systemClock } from '../../../src/kernel/index.ts'
import { createHttpHandler, type HttpHandlerOptions, listen, type Listener, type ListenOptions } from '../../../src/server/http/index.ts'
import { type Core, type CoreReply, type CoreRequest, faults, type SealStatus } from '../../../src/server/logical/index.ts'

/** A core that answers what it is told to, and keeps what it was asked. */
export interface ToldCore extends Core {
  readonly asked: CoreRequest[]
  reply: (request: CoreRequest) => CoreReply | Promise<CoreReply>
  sealed: boolean
  initialised: boolean
}

export const envelope = (request: CoreRequest, data: Readonly<Record<string, unknown>> | null = { a: 1 }): CoreReply => ({
  is: 'envelope',
  status: 200,
  envelope: {
    request_id: request.id,
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data,
    wrap_info: null,
    warnings: null,
    auth: null,
  },
})

export function toldCore(): ToldCore {
  const core: ToldCore = {
    asked: [],
    reply: request => envelope(request),
    sealed: false,
    initialised: true,
    operator: {
      initialised: async () => core.initialised,
      initialise: async () => ({ keys: ['00'], keysBase64: ['AA=='], rootToken: 'hvs.made' }),
      sealStatus: status,
      unseal: async (_key, migrate) => {
        if (migrate === true) throw faults.failed({ why: "can't perform a seal migration, no migration seal found" })
        return status()
      },
      resetUnseal: status,
      inNamespace: () => undefined,
      rootGeneration: () => {
        throw faults.sealed()
      },
      rekey: () => {
        throw faults.sealed()
      },
      recoveryRekey: () => undefined,
      audited: (_request, work) => work(),
    },
    async handle(request) {
      core.asked.push(request)
      if (core.sealed) throw faults.sealed()
      return await core.reply(request)
    },
    close: async () => undefined,
  }
  function status(): SealStatus {
    return {
      type: 'shamir',
      initialized: core.initialised,
      sealed: core.sealed,
      t: 2,
      n: 3,
      progress: 0,
      nonce: '',
      migration: false,
      recoverySeal: false,
      storageType: 'inmem',
      ...(!core.sealed && { clusterName: 'vault-cluster-1', clusterId: 'c1' }),
    }
  }
  return core
}

export interface Serving {
  readonly core: ToldCore
  readonly port: number
  readonly listener: Listener
  readonly logged: { readonly level: string; readonly message: string; readonly facts: Readonly<Record<string, unknown>> }[]
  close(): Promise<void>
}

export interface ServingOptions {
  readonly handler?: Partial<HttpHandlerOptions>
  readonly listen?: Partial<ListenOptions>
  readonly clock?: Clock
}

/** A listener on a free port, before a core of the test's own. */
export async function serving(options: ServingOptions = {}): Promise<Serving> {
  const core = toldCore()
  const logged: Serving['logged'] = []
  const log: Log = { write: (level, message, facts = {}) => void logged.push({ level, message, facts }) }
  const clock = options.clock ?? systemClock
  const handler = createHttpHandler({
    core,
    clock,
    log,
    random: { bytes: count => randomBytes(count), uuid: () => randomUUID() },
    product: { version: '2.7.2', lockstepVersion: '0.1.0' },
    ...options.handler,
  })
  const listener = await listen({ address: { host: '127.0.0.1', port: 0 }, handler, clock: systemClock, log, ...options.listen })
  return { core, logged, listener, port: Number(listener.address.split(':').at(-1)), close: () => listener.close(0) }
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A connection that the test writes bytes on, and whose answers come one after the other. */
export class Wire {
  readonly socket: Socket
  #bytes = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => undefined

  constructor(port: number, socket: Socket = connect(port, '127.0.0.1')) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk])
      this.#wake()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      this.#ended = true
      this.#wake()
    })
  }

  write(text: string | Buffer): void {
    this.socket.write(text)
  }

  /** The next answer; undefined when the server has closed the connection without another. `bodiless`: it answers a HEAD. */
  async next(how: { readonly bodiless?: boolean } = {}): Promise<Answer | undefined> {
    for (;;) {
      const answer = this.#take(how.bodiless === true)
      if (answer !== undefined) return answer
      if (this.#ended) return undefined
      await new Promise<void>(resolve => (this.#wake = resolve))
    }
  }

  async closed(): Promise<void> {
    while (!this.#ended) await new Promise<void>(resolve => (this.#wake = resolve))
  }

  destroy(): void {
    this.socket.destroy()
  }

  #take(bodiless: boolean): Answer | undefined {
    const end = this.#bytes.indexOf('\r\n\r\n')
    if (end < 0) return undefined
    const [first = '', ...lines] = this.#bytes.toString('latin1', 0, end).split('\r\n')
    const headers = Object.fromEntries(
      lines.map(line => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
    )
    const status = Number(first.split(' ')[1])
    const length = headers['content-length']
    const none = bodiless || status === 204 || status === 304 || status < 200
    if (!none && length === undefined && !this.#ended) return undefined
    const stop = none ? end + 4 : length === undefined ? this.#bytes.length : end + 4 + Number(length)
    if (this.#bytes.length < stop) return undefined
    const body = this.#bytes.toString('utf8', end + 4, stop)
    this.#bytes = this.#bytes.subarray(stop)
    return { status, headers, body }
  }
}

export interface Asked {
  readonly method?: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

export function requestText({ method = 'GET', path, headers = {}, body }: Asked): string {
  const all: Record<string, string> = { Host: 'localhost', ...headers }
  if (body !== undefined) all['Content-Length'] = String(Buffer.byteLength(body))
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`)
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`
}

/** One request on a connection of its own. */
export async function ask(port: number, asked: Asked): Promise<Answer> {
  const wire = new Wire(port)
  wire.write(requestText({ ...asked, headers: { Connection: 'close', ...asked.headers } }))
  const answer = await wire.next({ bodiless: asked.method === 'HEAD' })
  wire.destroy()
  if (answer === undefined) throw new Error(`no answer to ${asked.method ?? 'GET'} ${asked.path}`)
  return answer
}
