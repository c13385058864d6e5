/** A root-protected path: besides the capability for the operation, the rule must give `sudo`. */
export interface SudoPath {
  /** Whose path it is: the system's, the token store's, or that of any mount of type pki. */
  readonly mount: 'system' | 'token' | 'pki'
  /** Below the mount; a final `*` stands for anything that follows. */
  readonly path: string
}

const of = (mount: SudoPath['mount'], ...paths: readonly string[]): readonly SudoPath[] => paths.map(path => ({ mount, path }))

/**
 * The paths that the server protects, for those who judge policies without one at hand. The running server takes them from
 * its routes instead.
 */
export const sudoPaths: readonly SudoPath[] = [
  ...of('system', 'audit', 'audit/*', 'auth/*', 'config/auditing/*', 'config/cors', 'config/ui/headers/*', 'internal/inspect/*'),
  ...of('system', 'leases', 'leases/lookup/*', 'leases/revoke-force/*', 'leases/revoke-prefix/*', 'plugins/catalog/*'),
  ...of('system', 'raw', 'raw/*', 'remount', 'revoke-force/*', 'revoke-prefix/*', 'rotate', 'rotate/keyring', 'rotate/root'),
  ...of('system', 'seal', 'step-down'),
  ...of('token', 'accessors*', 'revoke-orphan/*'),
  ...of('pki', 'root', 'root/sign-self-issued'),
]

/**
 * Does the path ask for `sudo`? A list is asked with its final slash, which matters here: `sys/auth` is free and the list
 * of it is not. `pkiMounts` are paths with their final slash.
 */
export function asksForSudo(path: string, pkiMounts: readonly string[] = []): boolean {
  const mounts = { system: ['sys/'], token: ['auth/token/'], pki: pkiMounts }
  return sudoPaths.some(it => mounts[it.mount].some(mount => path.startsWith(mount) && covers(it.path, path.slice(mount.length))))
}

const covers = (pattern: string, path: string): boolean =>
  pattern.endsWith('*') ? path.startsWith(pattern.slice(0, -1)) : path === pattern
