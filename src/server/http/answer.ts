import type { ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { stringifyJson } from '../../kernel/index.ts'
import type { CoreReply, Fault, RawBody } from '../logical/index.ts'

/** An HTTP answer, whole. */
export interface Answer {
  readonly status: number
  /** Without the content's length. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | RawBody | undefined
  /** The connection is no good behind it. */
  readonly last?: boolean
}

const BASE = {
  'Cache-Control': 'no-store',
  'Content-Type': 'application/json',
  'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
} as const

export const json = (status: number, body: unknown): Answer => ({ status, headers: BASE, body: `${stringifyJson(body)}\n` })
/** The peer's: an envelope whose status the mount has chosen (404 with data, 202) goes without the end of its line. */
const envelope = (status: number, body: unknown): Answer =>
  status === 200 ? json(status, body) : { status, headers: BASE, body: stringifyJson(body) }

export const empty = (status: number): Answer => ({ status, headers: BASE, body: undefined })

export const errors = (status: number, texts: readonly string[]): Answer => json(status, { errors: texts })

/** 307, as the peer's router says it; a body for those methods that may have one. */
export function redirect(method: string, location: string): Answer {
  const { 'Content-Type': _type, ...headers } = BASE
  if (method !== 'GET' && method !== 'HEAD') return { status: 307, headers: { ...headers, Location: location }, body: '' }
  const shown = location
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&#34;')
    .replaceAll("'", '&#39;')
  return {
    status: 307,
    headers: { ...headers, 'Content-Type': 'text/html; charset=utf-8', Location: location },
    body: `<a href="${shown}">Temporary Redirect</a>.\n\n`,
  }
}

/** What is answered below the API: no header of it, and no word about why. */
export const unprintable: Answer = { status: 400, headers: {}, body: '' }
export const malformed: Answer = {
  status: 400,
  headers: { 'Content-Type': 'text/plain; charset=utf-8' },
  body: '400 Bad Request',
  last: true,
}

export const refusal = ({ status, wire }: Fault): Answer => errors(status, wire)

export function rendered(reply: CoreReply): Answer {
  switch (reply.is) {
    case 'envelope':
      return envelope(reply.status, reply.topLevel === undefined ? reply.envelope : { ...reply.topLevel, ...reply.envelope })
    case 'bare':
      return json(reply.status, reply.body)
    case 'empty':
      return empty(reply.status)
    case 'raw':
      return { status: reply.status, headers: { ...BASE, 'Content-Type': reply.contentType, ...cacheable(reply.maxAge) }, body: reply.body }
  }
}

const cacheable = (maxAge: number | undefined): Readonly<Record<string, string>> =>
  maxAge === undefined ? {} : { 'Cache-Control': `max-age=${maxAge}` }

const isStream = (body: Answer['body']): body is AsyncIterable<Uint8Array> => typeof body === 'object' && !(body instanceof Uint8Array)

/** The head in one piece and the body in one piece: Node then sends both in one write. */
export function send(response: ServerResponse, { status, headers, body, last }: Answer, more?: Readonly<Record<string, string>>): void {
  const all: Record<string, string | number> = { ...headers, ...more }
  if (isStream(body)) {
    response.writeHead(status, { ...all, 'Content-Disposition': 'attachment' })
    // When it breaks off, so does the connection: nobody must take half of it for the whole.
    pipeline(body, response, () => undefined)
    return
  }
  // RFC 9110, sections 15.3.5 and 15.4.5: these end with their head.
  const bodiless = body === undefined || status === 204 || status === 304
  if (!bodiless) all['Content-Length'] = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  if (last === true) all['Connection'] = 'close'
  response.writeHead(status, all)
  response.end(bodiless ? undefined : body)
}
