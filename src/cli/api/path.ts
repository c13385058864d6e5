import { posix } from 'node:path'

/** Without blanks and slashes at both ends, as every command takes its path. */
export const trimPath = (path: string): string => path.trim().replace(/^\/+|\/+$/g, '')

/** With exactly what a mount's name ends in. */
export const mountPath = (path: string): string => {
  const name = path.trim()
  return name === '' || name.endsWith('/') ? name : `${name}/`
}

/** As a request's path goes out: `a//b` and `a/./b` are one, `..` goes up, but never above the API. */
export const cleanPath = (path: string): string => posix.normalize(`/${path}`).replace(/^\/+|\/+$/g, '')

/** Joins and cleans. */
export const joinPath = (...parts: readonly string[]): string => cleanPath(parts.filter(it => it !== '').join('/'))
