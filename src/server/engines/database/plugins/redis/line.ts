/** The one connection to a server, made when it is first needed, and again when it broke. Commands are answered in their order. */
import { isIP } from 'node:net'
import { createClient, type RedisClientOptions } from 'redis'
import { describe } from './failures.ts'
import type { Target } from './target.ts'

/** Longest wait for a connection, and for an answer of a server that answers no more. */
const CONNECT_MS = 20_000
const ANSWER_MS = 20_000

type Client = ReturnType<typeof createClient>

export class Line {
  readonly #target: Target
  #client: Promise<Client> | undefined
  #closed = false

  constructor(target: Target) {
    this.#target = target
  }

  /** Rejects in the peer's words. */
  async ask(words: readonly string[], signal: AbortSignal): Promise<unknown> {
    const client = await this.#connected()
    const timeout = AbortSignal.timeout(ANSWER_MS)
    try {
      return await until(AbortSignal.any([signal, timeout]), client.sendCommand([...words]))
    } catch (cause) {
      signal.throwIfAborted()
      if (!isReply(cause)) this.#forget(client)
      throw new Error(timeout.aborted ? 'i/o timeout' : `response returned from Conn: ${describe(cause)}`, { cause })
    }
  }

  /** Connects when there is no connection. */
  async check(signal: AbortSignal): Promise<void> {
    await until(signal, this.#connected())
  }

  async close(): Promise<void> {
    this.#closed = true
    const client = await this.#client?.catch(() => undefined)
    if (client?.isOpen) client.destroy()
  }

  #connected(): Promise<Client> {
    if (this.#closed) return Promise.reject(new Error('the connection is closed'))
    return (this.#client ??= this.#connect().catch((cause: unknown): never => {
      this.#client = undefined
      throw cause
    }))
  }

  async #connect(): Promise<Client> {
    const { host, port } = this.#target
    const client = createClient(optionsOf(this.#target))
    // What breaks it while nobody waits: it is made anew.
    client.on('error', () => this.#forget(client))
    try {
      await client.connect()
      return client
    } catch (cause) {
      client.destroy()
      throw new Error(isReply(cause) ? `response returned from Conn: ${describe(cause)}` : describe(cause, `${host}:${port}`), {
        cause,
      })
    }
  }

  #forget(client: Client): void {
    if (client.isOpen) client.destroy()
    void this.#client?.then(
      known => void (known === client && (this.#client = undefined)),
      () => undefined,
    )
  }
}

function optionsOf({ host, port, username, password, tls }: Target): RedisClientOptions {
  const common = { host, port, connectTimeout: CONNECT_MS, reconnectStrategy: false as const, keepAlive: true }
  return {
    ...(username !== '' && { username }),
    ...(password !== '' && { password }),
    disableOfflineQueue: true,
    socket:
      tls === undefined
        ? common
        : {
            ...common,
            tls: true as const,
            ...(tls.ca !== '' && { ca: tls.ca }),
            rejectUnauthorized: !tls.skipVerify,
            minVersion: 'TLSv1.2' as const,
            ...(isIP(host) === 0 && { servername: host }),
          },
  }
}

/** An error that the server itself sent: the connection is as good as before. */
const isReply = (cause: unknown): boolean =>
  cause instanceof Error && (cause.constructor.name === 'SimpleError' || cause.constructor.name === 'BlobError')

/** The work goes on behind a wait that has ended; it must not fail unseen. */
async function until<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  work.catch(() => undefined)
  signal.throwIfAborted()
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, stopped])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
