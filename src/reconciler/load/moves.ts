import type { Diagnostic } from '../../kernel/index.ts'
import { errorAt, finding, type Address, type Move, type Resource } from '../model/index.ts'

export interface SettledMoves {
  /** Those that lead to what is described, each to where it ends. */
  readonly moves: readonly Move[]
  /** Policies that still stand under their old names too, with the texts of the new ones. */
  readonly kept: readonly Resource[]
  readonly findings: readonly Diagnostic[]
}

/** What the moves of lockstep.yaml mean beside what the files describe. A chain of them is one move to its end. */
export function settledMoves(all: readonly Move[], described: ReadonlyMap<Address, Resource>, now: Date): SettledMoves {
  const next = new Map(all.map(it => [it.from, it.to]))
  const moves: Move[] = []
  const kept: Resource[] = []
  const findings: Diagnostic[] = []
  for (const move of all) {
    const end = endOf(move.from, next)
    const there = described.get(move.from)
    if (end === undefined) {
      findings.push(errorAt('LOAD0017', move.at, `the moves from ${move.from} go in a circle`))
    } else if (there !== undefined) {
      findings.push({
        ...errorAt('LOAD0018', move.at, `${move.from} is moved to ${move.to}, and still described`, 'describe it under its new name alone'),
        related: [{ at: there.from, note: 'here' }],
      })
    } else if (!described.has(end)) {
      const detail = 'a move that was made and whose object is gone since can be taken out'
      findings.push(finding('warning', 'LOAD0017', `${move.from} is moved to ${end}, which no file describes`, { at: move.at, detail }))
    } else {
      moves.push({ ...move, to: end })
      const policy = described.get(end)
      if (move.until !== undefined && move.until > now && policy?.kind === 'policy')
        kept.push({ ...policy, address: move.from, from: move.at })
    }
  }
  return { moves, kept, findings }
}

/** Undefined: they go in a circle. */
function endOf(from: Address, next: ReadonlyMap<Address, Address>): Address | undefined {
  const seen = new Set([from])
  let at = next.get(from)
  while (at !== undefined && !seen.has(at)) {
    const further = next.get(at)
    if (further === undefined) return at
    seen.add(at)
    at = further
  }
  return undefined
}
