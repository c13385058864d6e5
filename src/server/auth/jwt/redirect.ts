/** Where a provider may send a browser back to. */

/** Of hosts that are the user's own machine, where a program listens on whatever port is free (RFC 8252, section 7.3). */
const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Letter for letter one that is allowed; on a loopback address with any port. Before the port is looked away from, the URI must be one
 * that every reader reads alike: without a user, and with nothing that a parser would mend.
 */
export function isAllowedRedirect(uri: string, allowed: readonly string[]): boolean {
  if (!URL.canParse(uri)) return false
  if (!LOOPBACK.has(new URL(uri).hostname)) return allowed.includes(uri)
  const bare = withoutPort(uri)
  return bare !== undefined && allowed.some(it => withoutPort(it) === bare)
}

const AUTHORITY = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)(localhost|127\.0\.0\.1|\[::1\])(?::\d*)?(?=[/?#]|$)/

function withoutPort(uri: string): string | undefined {
  const found = AUTHORITY.exec(uri)
  return found === null ? undefined : `${found[1] ?? ''}${found[2] ?? ''}${uri.slice(found[0].length)}`
}

/** A namespace in the query of a redirect URI, taken out of it: it travels in the state, so that the provider need not know of it. */
export function withoutNamespace(uri: string): { readonly uri: string; readonly namespace: string } | undefined {
  if (!URL.canParse(uri)) return undefined
  const url = new URL(uri)
  const namespace = url.searchParams.get('namespace') ?? ''
  if (namespace === '') return { uri, namespace }
  url.searchParams.delete('namespace')
  // An empty query goes with its question mark.
  return { uri: url.href.replace(/\?$/, ''), namespace }
}
