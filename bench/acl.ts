import { type AccessQuery, compileAcl } from '../src/policy/index.ts'

/** Rules as teams write them: two prefixes, an exact path, a `+` and another exact path for each. */
const shapes = [
  (i: number) => ({ path: `secret/data/team-${i}/*`, capabilities: ['create', 'read', 'update', 'delete'] as const }),
  (i: number) => ({ path: `secret/metadata/team-${i}/*`, capabilities: ['read', 'list'] as const }),
  (i: number) => ({ path: `database/creds/app-${i}`, capabilities: ['read'] as const }),
  (i: number) => ({ path: `secret/data/+/shared-${i}`, capabilities: ['read'] as const }),
  (i: number) => ({ path: `transit/encrypt/key-${i}`, capabilities: ['update'] as const }),
]

const asked = [
  (i: number) => ({ path: `secret/data/team-${i}/db/password`, op: 'read' as const }),
  (i: number) => ({ path: `secret/metadata/team-${i}/db`, op: 'list' as const }),
  (i: number) => ({ path: `database/creds/app-${i}`, op: 'read' as const }),
  (i: number) => ({ path: `secret/data/anybody/shared-${i}`, op: 'read' as const }),
  (i: number) => ({ path: `transit/encrypt/key-${i}`, op: 'update' as const }),
]

/** Decisions a second with so many rules, each of which is asked for in turn; the median of some rounds. */
export function decisionsPerSecond(count: number, rounds = 9): number {
  const rules = Array.from({ length: count }, (_it, i) => shapes[i % shapes.length]?.(i)).filter(it => it !== undefined)
  const acl = compileAcl([{ name: 'bench', rules }], { now: new Date() })
  const queries = Array.from({ length: 1000 }, (_it, i): AccessQuery | undefined => {
    const query = asked[i % asked.length]?.(i % count)
    return query === undefined ? undefined : { ...query, sudoPath: false }
  }).filter(it => it !== undefined)
  const speeds = Array.from({ length: rounds }, () => {
    const start = process.hrtime.bigint()
    for (let times = 0; times < 200; times++) {
      for (const query of queries) if (!acl.decide(query).allowed) throw new Error(`${query.op} ${query.path} is refused`)
    }
    return (200 * queries.length) / (Number(process.hrtime.bigint() - start) / 1e9)
  })
  return speeds.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0
}
