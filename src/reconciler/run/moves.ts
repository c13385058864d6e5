import type { Diagnostic } from '../../kernel/index.ts'
import type { ObservedMounts } from '../kinds/index.ts'
import { finding, isMountAddress, type Address, type Ledger, type Move, type Moves, type Resource } from '../model/index.ts'
import type { PlannedMoves } from '../plan/index.ts'

export interface FoundMoves extends PlannedMoves {
  readonly findings: readonly Diagnostic[]
}

export interface MovesInput {
  readonly moved: readonly Move[]
  readonly desired: ReadonlyMap<Address, Resource>
  readonly isSelected: (address: Address) => boolean
  readonly mounts: ObservedMounts
  readonly ledger: Ledger
}

/** Which moves are still to be made, as the target stands. Those that were made long ago mean nothing. */
export function movesToMake({ moved, desired, isSelected, mounts, ledger }: MovesInput): FoundMoves {
  const standing = new Map<Address, Address>()
  const written = new Map<Address, Address>()
  const policies = new Map<Address, Address>()
  const findings: Diagnostic[] = []
  const refuse = (move: Move, why: string, detail: string): void =>
    void findings.push(
      finding('warning', 'PLAN0012', `${move.from} is not moved to ${move.to}: ${why}`, { at: move.at, about: move.to, detail }),
    )
  for (const move of moved) {
    const { from, to } = move
    if (!isSelected(to) || standing.has(to) || written.has(to)) continue
    if (!isMountAddress(from)) {
      if (ledger.entries.has(from) && !desired.has(from)) policies.set(to, from)
      continue
    }
    const [before, after] = [mounts.get(from), mounts.get(to)]
    const wanted = desired.get(to)?.type
    if (before === undefined) {
      if (after !== undefined && isManaged(from, ledger)) written.set(to, from)
    } else if (after !== undefined) {
      refuse(move, 'something stands there already', 'the two are left as they are; remove the one that is not meant')
    } else if (before.type !== wanted) {
      refuse(move, `it is of type ${before.type}, and the files say ${wanted ?? 'none'}`, 'a mount keeps its type where it goes')
    } else standing.set(to, from)
  }
  return { mounts: standing, written, policies, findings }
}

const isManaged = (mount: Address, { entries }: Ledger): boolean => [...entries.keys()].some(it => it.startsWith(mount))

/** The mounts as if they stood already where they shall be. */
export function movedMounts(mounts: ObservedMounts, moves: Moves): ObservedMounts {
  const moved = new Map(mounts)
  for (const [to, from] of moves) {
    const mount = mounts.get(from)
    moved.delete(from)
    if (mount !== undefined) moved.set(to, mount)
  }
  return moved
}
