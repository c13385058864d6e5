import { isUtf8 } from 'node:buffer'

/** A request target, taken apart. */
export type Target =
  | {
      readonly is: 'path'
      /** Decoded, from its first slash on. */
      readonly path: string
      readonly query: string
      /** Where the cleaned path is, when this one is not clean. */
      readonly redirect: string | undefined
      /** The bytes of the path are no UTF-8, so `path` is not what was sent. */
      readonly badText: boolean
    }
  /** Not a target at all, or a bad escape: answered below HTTP's own level, and the connection ends. */
  | { readonly is: 'malformed' }
  /** Characters that no name may have. */
  | { readonly is: 'unprintable' }

/** The common case: nothing to decode, nothing to clean. */
const PLAIN = /^(?:\/[\w~!$&'()*+,;=:@-][\w.~!$&'()*+,;=:@-]*)+\/?$/
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u
const UNCLEAN = /\/\/|\/\.\.?(?:\/|$)/
const BAD_ESCAPE = /%(?![\dA-Fa-f]{2})/

/** Folders that the peer's own router knows as such: without the final slash they are redirected, not looked up. */
const FOLDERS = new Set(['/v1', '/v1/sys', '/v1/sys/audit-hash', '/v1/sys/config/state', '/v1/sys/pprof'])

export function parseTarget(target: string): Target {
  const at = target.indexOf('?')
  const raw = at < 0 ? target : target.slice(0, at)
  const query = at < 0 ? '' : target.slice(at + 1)
  if (PLAIN.test(raw)) {
    const redirect = FOLDERS.has(raw) ? location(asFolder(raw), query) : undefined
    return { is: 'path', path: raw, query, redirect, badText: false }
  }
  return unusual(raw, query)
}

function unusual(given: string, query: string): Target {
  // RFC 9112, section 3.2.2: a server must take the absolute form; whom it names does not matter here.
  const raw = given.replace(/^[a-z][a-z\d+.-]*:\/\/[^/]*/i, '')
  if (!raw.startsWith('/') || BAD_ESCAPE.test(raw)) return { is: 'malformed' }
  // Node hands the bytes of the target over as Latin-1.
  const bytes = Buffer.from(
    raw.replaceAll(/%([\dA-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  const path = bytes.toString('utf8')
  if (UNPRINTABLE.test(path)) return { is: 'unprintable' }
  const redirect = UNCLEAN.test(raw) ? location(asFolder(cleaned(raw)), query) : undefined
  return { is: 'path', path, query, redirect, badText: path.includes('\ufffd') && !isUtf8(bytes) }
}

/** Go's path.Clean with the final slash kept, on the path as it was sent: an encoded dot is a name, not a step. */
function cleaned(raw: string): string {
  const kept: string[] = []
  for (const segment of raw.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  const path = `/${kept.join('/')}`
  return raw.endsWith('/') && path !== '/' ? `${path}/` : path
}

const asFolder = (path: string): string => (FOLDERS.has(path) ? `${path}/` : path)

/** As a URL may carry it (RFC 3986, section 2): what no path has a right to is escaped. */
const location = (path: string, query: string): string => {
  const escaped = path.replaceAll(/[^\w.~!$&'()*+,;=:@%/[\]-]/g, it => `%${it.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)
  return query === ''
    ? escaped
    : `${escaped}?${query.replaceAll(/[^\u0021-\u007e]/g, it => `%${it.charCodeAt(0).toString(16).padStart(2, '0')}`)}`
}

/** A `.` or `..` that was encoded, so that no router cleaned it away: nothing below may read it as a step. */
export const isRelative = (path: string): boolean => /(?:^|\/)\.\.?(?:\/|$)/.test(path)
