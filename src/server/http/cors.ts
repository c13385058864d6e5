/** The CORS protocol (Fetch standard, section 3.2), as the peer speaks it: a page of an origin that is not let in gets no answer at all. */
import type { IncomingMessage } from 'node:http'
import { type CorsConfig, faults } from '../logical/index.ts'
import type { Answer } from './answer.ts'
import { header } from './credentials.ts'

const METHODS = ['DELETE', 'GET', 'OPTIONS', 'POST', 'PUT', 'LIST', 'SCAN']

/** A browser is told no more than that. */
const NO_SUCH_METHOD: Answer = {
  status: 405,
  headers: { 'Cache-Control': 'no-store', 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' },
  body: '',
}

/** What goes out with the answer; and the answer itself, where a browser asks beforehand. Throws the fault for another origin. */
export function corsOf(
  { allowedOrigins, allowedHeaders, allowCredentials }: CorsConfig,
  request: IncomingMessage,
  origin: string,
): { readonly headers: Readonly<Record<string, string>>; readonly answer?: Answer } {
  if (!allowedOrigins.includes('*') && !allowedOrigins.includes(origin)) throw faults.originRefused()
  const headers = {
    ...(allowCredentials && { 'Access-Control-Allow-Credentials': 'true' }),
    'Access-Control-Allow-Origin': origin,
    Vary: 'Origin',
  }
  if (request.method !== 'OPTIONS') return { headers }
  if (!METHODS.includes(header(request, 'access-control-request-method'))) return { headers: {}, answer: NO_SUCH_METHOD }
  return {
    headers: {
      ...headers,
      'Access-Control-Allow-Headers': allowedHeaders.join(','),
      'Access-Control-Allow-Methods': METHODS.join(','),
      'Access-Control-Max-Age': '300',
    },
    answer: { status: 200, headers: { 'Cache-Control': 'no-store' }, body: '' },
  }
}
