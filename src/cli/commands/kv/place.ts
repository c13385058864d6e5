import type { Connected } from '../../connection.ts'
import { type Flag, flag } from '../../flag.ts'
import { isRequestFailure, joinPath, RequestFailed, send, trimPath } from '../../api/index.ts'
import { CommandFailed } from '../../command.ts'

export interface MountFlags {
  readonly mount: Flag<string | undefined>
}

export const mountFlags: MountFlags = {
  mount: flag.string(
    'Where the KV engine is mounted. With it, the argument is the path of the secret below the mount; without it, the argument is both in one, and the part of the API that KV version 2 wants in between ("data", "metadata", …) is put in.',
  ),
}

/** Where a secret lives: the mount that serves the path, and what version of the engine it is. */
export interface Place {
  readonly v2: boolean
  /** The API's path of it; `part` is what stands between mount and secret in version 2. */
  path(part: 'data' | 'metadata' | 'delete' | 'undelete' | 'destroy'): string
}

interface Mount {
  readonly path: string
  readonly v2: boolean
}

/** Asks which mount serves a path. A server that cannot tell has no version 2. */
async function mountOf(client: Connected, path: string): Promise<Mount> {
  try {
    const answer = await send(client.plain, { method: 'GET', path: `sys/internal/ui/mounts/${path}` })
    const { data } = (answer.body ?? {}) as {
      readonly data?: { readonly path?: string; readonly options?: { readonly version?: string } | null }
    }
    return { path: data?.path ?? '', v2: data?.options?.version === '2' }
  } catch (thrown) {
    if (thrown instanceof RequestFailed && thrown.status === 404) return { path: '', v2: false }
    if (isRequestFailure(thrown)) throw new CommandFailed(thrown.message, 2, { cause: thrown })
    throw thrown
  }
}

/**
 * Puts the part of the API between mount and secret. The server names the mount with its namespace in front, which the
 * path that the user gave does not have: what the two have in common is looked for from the mount's end.
 */
function withPart(path: string, mount: string, part: string): string {
  const bare = mount.replace(/\/$/, '')
  if (path === mount || path === bare) return joinPath(bare, part)
  let known = mount
  while (!path.startsWith(known)) {
    const rest = known.slice(known.indexOf('/') + 1)
    if (rest === '' || !known.includes('/')) break
    known = rest
  }
  return joinPath(known, part, path.startsWith(known) ? path.slice(known.length) : path)
}

export async function placeOf(client: Connected, mountFlag: string | undefined, arg: string): Promise<Place> {
  const given = trimPath(arg)
  if (mountFlag === undefined || mountFlag === '') {
    const mount = await mountOf(client, given)
    return { v2: mount.v2, path: part => (mount.v2 ? withPart(given, mount.path, part) : given) }
  }
  const mount = await mountOf(client, trimPath(mountFlag))
  const whole = joinPath(mount.path, given)
  return { v2: mount.v2, path: part => (mount.v2 ? withPart(whole, mount.path, part) : whole) }
}

/** @throws CommandFailed for a mount of version 1 */
export function expectV2(place: Place, what: string, exitCode = 1): void {
  if (!place.v2) throw new CommandFailed(what, exitCode)
}

/** `1,2` and `3`, given apart or together. */
export const versionsOf = (given: readonly string[]): readonly string[] =>
  given.flatMap(it =>
    it
      .split(',')
      .map(one => one.trim())
      .filter(one => one !== ''),
  )
