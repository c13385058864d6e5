/**
 * One spelling for the same repository, however it is reached, and nothing that could be a credential: `github.com/acme/vault`.
 * Undefined for what names no host: a path says nothing to another machine.
 */
export function publicAddress(url: string): string | undefined {
  if (url === '') return undefined
  const scp = /^(?:[^@/]+@)?([\w.-]+):(?!\/)(.+)$/.exec(url)
  if (scp !== null && !url.includes('://')) return tidy(scp[1] ?? '', scp[2] ?? '')
  if (!URL.canParse(url)) return undefined
  const { protocol, host, pathname } = new URL(url)
  return protocol === 'file:' || host === '' ? undefined : tidy(host, pathname)
}

const tidy = (host: string, path: string): string =>
  `${host.toLowerCase()}/${path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')}`
