/**
 * The audit device that posts each entry to a URL. An answer of 2xx takes it; anything else does not, and nobody is followed
 * elsewhere. Must not know what a line says.
 */
import { Agent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as TlsAgent, request as requestHttps } from 'node:https'
import { AuditRefused, plainReason, type AuditDevice, type AuditDeviceKind } from '../index.ts'

const TIMEOUT_MS = 4000

export const http: AuditDeviceKind = {
  type: 'http',
  doc: 'Posts each entry to a URL.',
  options: {
    uri: 'Where to.',
    headers: 'Headers to send: a JSON object of lists of strings.',
  },
  async open(options) {
    const uri = options['uri'] ?? ''
    if (uri === '') throw new AuditRefused('uri is required')
    if (!URL.canParse(uri)) throw new AuditRefused(`failed to resolve uri: error parsing url: not a url`)
    return new Posting(uri, headersOf(options['headers']))
  },
}

type HeaderLists = Readonly<Record<string, readonly string[]>>

function headersOf(text: string | undefined): HeaderLists {
  if (text === undefined || text === '') return {}
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (cause) {
    throw new AuditRefused(`failed to parse headers: ${(cause as Error).message}`, { cause })
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new AuditRefused('failed to parse headers: expected an object of lists of strings')
  for (const [name, values] of Object.entries(given))
    if (!Array.isArray(values) || !values.every(it => typeof it === 'string'))
      throw new AuditRefused(`failed to parse headers: ${name}: expected a list of strings`)
  return given as HeaderLists
}

class Posting implements AuditDevice {
  readonly #uri: URL
  /** As it was given, for messages. */
  readonly #text: string
  readonly #headers: HeaderLists
  #agent: Agent

  constructor(uri: string, headers: HeaderLists) {
    this.#text = uri
    this.#uri = new URL(uri)
    this.#headers = headers
    this.#agent = this.#newAgent()
  }

  #newAgent(): Agent {
    return this.#uri.protocol === 'https:' ? new TlsAgent({ keepAlive: true }) : new Agent({ keepAlive: true })
  }

  async write(line: string): Promise<void> {
    let status: number
    try {
      status = await this.#post(line)
    } catch (cause) {
      throw new Error(`failed to perform request: Post ${JSON.stringify(this.#text)}: ${this.#reason(cause)}`, { cause })
    }
    if (status < 200 || status > 299) throw new Error(`failed to perform request: status code not 2xx: ${status}`)
  }

  #post(line: string): Promise<number> {
    const { protocol } = this.#uri
    if (protocol !== 'http:' && protocol !== 'https:')
      return Promise.reject(new Error(`unsupported protocol scheme ${JSON.stringify(protocol.slice(0, -1))}`))
    return new Promise((resolve, reject) => {
      const options = {
        method: 'POST',
        agent: this.#agent,
        timeout: TIMEOUT_MS,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(line) },
      }
      const answered = (answer: IncomingMessage): void => {
        answer.resume()
        answer.on('error', reject)
        answer.on('end', () => resolve(answer.statusCode ?? 0))
      }
      const asked: ClientRequest =
        protocol === 'https:' ? requestHttps(this.#uri, options, answered) : requestHttp(this.#uri, options, answered)
      for (const [name, values] of Object.entries(this.#headers)) asked.setHeader(name, values)
      asked.on('timeout', () => asked.destroy(new Error('i/o timeout')))
      asked.on('error', reject)
      asked.end(line)
    })
  }

  #reason(cause: unknown): string {
    const reason = plainReason(cause)
    return reason.startsWith('connect: ') ? `dial tcp ${this.#uri.host}: ${reason}` : reason
  }

  async reopen(): Promise<void> {
    this.#agent.destroy()
    this.#agent = this.#newAgent()
  }

  async close(): Promise<void> {
    this.#agent.destroy()
  }
}
