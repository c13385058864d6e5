import type { SourceRange } from '../../kernel/index.ts'
import { apiPath, classOf, isMountAddress, restOf, type Address } from './address.ts'
import type { TargetReader } from './kind.ts'

/** A mount or a policy that goes by another name: what stands there as `from` is what the files describe as `to`. */
export interface Move {
  readonly from: Address
  readonly to: Address
  /** Of a policy: until then it stands under both names, for the sake of tokens that have the old one. */
  readonly until?: Date
  readonly at: SourceRange
}

/** By where it shall be: where it is. */
export type Moves = ReadonlyMap<Address, Address>

export const noMoves: Moves = new Map()

/** The address behind a move: of the mount itself, of what lives on it, or of anything else as it is. */
export function movedAddress(address: Address, moves: Moves): Address {
  for (const [to, from] of moves) {
    if (address === from) return to
    if (isMountAddress(from) && address.startsWith(from)) return `${to}${address.slice(from.length)}` as Address
  }
  return address
}

export const movedKeys = <T>(by: ReadonlyMap<Address, T>, moves: Moves): ReadonlyMap<Address, T> =>
  moves.size === 0 ? by : new Map([...by].map(([address, it]) => [movedAddress(address, moves), it]))

/** A reader to which mounts stand already where they shall be. */
export function movedReader(reader: TargetReader, moves: Moves): TargetReader {
  if (moves.size === 0) return reader
  const pairs = [...moves].map(([to, from]) => ({ to: pathsOf(to), from: pathsOf(from) }))
  const pathNow = (path: string): string => {
    for (const { to, from } of pairs) {
      if (path === to.mount) return from.mount
      if (path.startsWith(to.inside)) return `${from.inside}${path.slice(to.inside.length)}`
    }
    return path
  }
  return { read: (path, query) => reader.read(pathNow(path), query), list: path => reader.list(pathNow(path)) }
}

/** Where the API keeps a mount, and what lives on it. */
const pathsOf = (mount: Address): { readonly mount: string; readonly inside: string } => ({
  mount: apiPath(mount),
  inside: classOf(mount) === 'auth' ? mount : restOf(mount),
})
