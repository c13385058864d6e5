import { once } from 'node:events'
import { Agent, createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'

/**
 * What happens to one request. `lost`: the server carries it out, and the answer never comes; `half`: the answer ends in the middle;
 * `short`: a list names only half of what there is, without a word; `slow`: the answer takes its time.
 */
export type Fault = 'cut' | 'lost' | 'half' | 'short' | 'slow' | 403 | 429 | 500 | 503

export interface FaultyProxy {
  readonly address: string
  /** Method and path of each request since it was last emptied. */
  readonly seen: string[]
  /** Which fault the request of this number, counted from 0, meets; undefined: it passes. */
  fault: (index: number, line: string) => Fault | undefined
  close(): Promise<void>
}

/** Milliseconds. */
const SLOW = 200

/** Whatever lists names, with half of them: `keys` wherever they stand, and maps of mounts and policies. */
function shortened(body: Buffer): string {
  try {
    const whole = JSON.parse(body.toString()) as Record<string, unknown>
    const halved = (key: string, value: unknown): unknown => {
      if (key === 'keys' && Array.isArray(value)) return value.slice(0, value.length >> 1)
      if (key !== 'key_info' || typeof value !== 'object' || value === null) return value
      const entries = Object.entries(value)
      return Object.fromEntries(entries.slice(0, entries.length >> 1))
    }
    return JSON.stringify(whole, halved)
  } catch {
    return body.toString()
  }
}

/** Stands between a client and a server, and lets happen what networks and servers do. */
export async function faultyProxy(target: string): Promise<FaultyProxy> {
  const agent = new Agent({ keepAlive: true })
  const { hostname, port } = new URL(target)
  const proxy = { seen: [] as string[], fault: (): Fault | undefined => undefined } as Omit<FaultyProxy, 'address' | 'close'>

  function refuse(answer: ServerResponse, status: number): void {
    answer.writeHead(status, { 'content-type': 'application/json' })
    answer.end(JSON.stringify({ errors: [status === 403 ? 'permission denied' : `status ${status}`] }))
  }

  function pass(incoming: IncomingMessage, answer: ServerResponse, fault: Fault | undefined): void {
    const { method, url: path, headers } = incoming
    const outgoing = request({ agent, hostname, port, method, path, headers }, reply => {
      const chunks: Buffer[] = []
      reply.on('data', (chunk: Buffer) => chunks.push(chunk))
      reply.on('end', () => {
        const body = Buffer.concat(chunks)
        if (fault === 'lost') answer.destroy()
        else if (fault === 'slow') {
          setTimeout(() => {
            answer.writeHead(reply.statusCode ?? 500, reply.headers)
            answer.end(body)
          }, SLOW)
        } else if (fault === 'short') {
          const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = reply.headers
          answer.writeHead(reply.statusCode ?? 500, rest)
          answer.end(shortened(body))
        } else if (fault === 'half') {
          const { 'content-length': _length, 'transfer-encoding': _encoding, ...rest } = reply.headers
          answer.writeHead(reply.statusCode ?? 500, rest)
          answer.end(body.subarray(0, body.length >> 1))
        } else {
          answer.writeHead(reply.statusCode ?? 500, reply.headers)
          answer.end(body)
        }
      })
    })
    outgoing.on('error', () => answer.destroy())
    incoming.pipe(outgoing)
  }

  const server = createServer((incoming, answer) => {
    const line = `${incoming.method ?? ''} ${(incoming.url ?? '').replace(/^\/v1\//, '').replace(/\?.*$/, '')}`
    const fault = proxy.fault(proxy.seen.length, line)
    proxy.seen.push(line)
    if (fault === 'cut') answer.destroy()
    else if (typeof fault === 'number') {
      incoming.resume()
      refuse(answer, fault)
    } else pass(incoming, answer, fault)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  return Object.assign(proxy, {
    address: `http://127.0.0.1:${typeof bound === 'object' && bound !== null ? bound.port : 0}`,
    async close() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  })
}
