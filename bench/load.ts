import { connect, type Socket } from 'node:net'

/** One request, ready to be written to a socket. */
export type Message = Buffer

export interface Measured {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  /** Answers that were not 2xx: a measurement with any is none. */
  readonly failed: number
}

export function message(method: string, path: string, token: string | undefined, body?: unknown): Message {
  const text = body === undefined ? '' : JSON.stringify(body)
  const lines = [
    `${method} /v1/${path} HTTP/1.1`,
    'Host: bench',
    ...(token === undefined ? [] : [`X-Vault-Token: ${token}`]),
    `Content-Length: ${Buffer.byteLength(text)}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${text}`)
}

/**
 * Closed loop over keep-alive connections: each sends its next request when the answer is in. Written on sockets, because an HTTP client
 * in the same language costs about as much as the server it measures.
 */
export async function load(port: number, connections: number, seconds: number, next: (n: number) => Message): Promise<Measured> {
  const times: number[] = []
  let failed = 0
  let sent = 0
  const began = performance.now()
  const deadline = began + seconds * 1000
  const one = async (): Promise<void> => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    const answers = reader(socket)
    while (performance.now() < deadline) {
      const start = performance.now()
      socket.write(next(sent++))
      const status = await answers()
      times.push(performance.now() - start)
      if (status < 200 || status > 299) failed++
    }
    socket.destroy()
  }
  await Promise.all(Array.from({ length: connections }, one))
  const elapsed = (performance.now() - began) / 1000
  times.sort((a, b) => a - b)
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? 0
  return { perSecond: times.length / elapsed, p50: at(0.5), p99: at(0.99), failed }
}

/** Reads one answer after another: its status line, then as many bytes as it announces, or chunks up to the empty one. */
function reader(socket: Socket): () => Promise<number> {
  let pending = Buffer.alloc(0)
  let waiting: { resolve: (status: number) => void; reject: (cause: Error) => void } | undefined
  const take = (): void => {
    const head = pending.indexOf('\r\n\r\n')
    if (head < 0 || waiting === undefined) return
    const headers = pending.toString('latin1', 0, head)
    const announced = /\r\ncontent-length: (\d+)/i.exec(headers)?.[1]
    const isChunked = /\r\ntransfer-encoding: chunked/i.test(headers)
    const last = isChunked ? pending.indexOf('\r\n0\r\n\r\n', head) : -1
    if (isChunked && last < 0) return
    const end = isChunked ? last + 7 : head + 4 + Number(announced ?? 0)
    if (pending.length < end) return
    const { resolve } = waiting
    waiting = undefined
    pending = pending.subarray(end)
    resolve(Number(headers.slice(9, 12)))
  }
  socket.on('data', chunk => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    take()
  })
  const lost = (cause?: Error): void => waiting?.reject(cause ?? new Error('the server closed the connection'))
  socket.on('error', lost)
  socket.on('close', () => lost())
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      take()
    })
}
