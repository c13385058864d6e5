import { isUtf8 } from 'node:buffer'
import { Agent, request } from 'node:http'

export interface RawRequest {
  readonly method: string
  /** Sent as it stands: no cleaning of `//`, `..` or encodings, which a URL parser would do. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Bytes that are no text stand in base 64, behind `base64:`. */
  readonly text: string
  /** When the answer came, in milliseconds since the epoch: what its times are compared with. */
  readonly at: number
}

const agent = new Agent({ keepAlive: true })

export function send(address: string, raw: RawRequest): Promise<RawAnswer> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const headers = { ...raw.headers, ...(raw.body === undefined ? {} : { 'content-length': String(Buffer.byteLength(raw.body)) }) }
    const outgoing = request({ agent, hostname, port, method: raw.method, path: raw.path, headers }, incoming => {
      const chunks: Buffer[] = []
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
      incoming.on('error', reject)
      incoming.on('end', () => {
        const seen = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])
        const body = Buffer.concat(chunks)
        const text = isUtf8(body) ? body.toString('utf8') : `base64:${body.toString('base64')}`
        resolve({ status: incoming.statusCode ?? 0, headers: Object.fromEntries(seen), text, at: Date.now() })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(raw.body)
  })
}
