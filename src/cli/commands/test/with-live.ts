import type { Failure, TestResult } from '../../../reconciler/access-tests/index.ts'

/** What is not on the target as the tests say, beside what is not in the files. A test fails by a holder that the target lacks. */
export function withLive(results: readonly TestResult[], live: readonly TestResult[]): readonly TestResult[] {
  return results.map((result, i) => {
    const there = live[i]
    const missing = (there?.findings ?? []).map(({ at, summary }): Failure => ({ at: at ?? result.test.at, message: summary }))
    const failures = [...(there?.failures ?? []), ...missing].map(it => ({ ...it, message: `on the server: ${it.message}` }))
    return { ...result, checks: result.checks + (there?.checks ?? 0), failures: [...result.failures, ...failures] }
  })
}
