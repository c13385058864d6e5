/**
 * Everything that changes a role goes through here, on a few connections, and what may in one transaction. Two transactions that grant on
 * one table at the same time make PostgreSQL refuse one of them ("tuple concurrently updated"), so grants wait for one another; making
 * a role does not, and takes the longest: the server hashes the password 4096 times.
 */
import { Batches } from './batches.ts'
import { isReported, isRolledBack, sqlState } from './failures.ts'
import { statementsOf, unquoted } from './fill.ts'
import { LOCK, underLock } from './grants-lock.ts'
import { sharedGrants } from './grants.ts'
import type { Pool } from './pool.ts'
import { deletionOf, deletionsOf } from './deletion.ts'

/** Statements of one user, or the deletion of one by the plugin's own. */
export type Task = { readonly statements: string } | { readonly deleted: string }

/** What changes nothing but roles and their rights, and leaves session and transaction as they were. */
const HARMLESS = /^(?:(?:CREATE|ALTER|DROP)\s+(?:ROLE|USER|GROUP)\b|GRANT\b|REVOKE\b|REASSIGN\b|DROP\s+OWNED\b|COMMENT\s+ON\s+ROLE\b|$)/i

const isSocial = (task: Task): boolean =>
  'deleted' in task ||
  unquoted(task.statements)
    .split(';')
    .every(it => HARMLESS.test(it.trim()))

/** Somebody else changed the same rights at the same time; nothing was done. */
const CONFLICTS: ReadonlySet<string> = new Set(['40001', '40P01', 'XX000'])
const ATTEMPTS = 8

/** The wait for a connection ends with the pool's own limits, not with one of the callers. */
const never: AbortSignal = new AbortController().signal

export function writesTo(pool: Pool, lanes: number): Batches<Task> {
  const inOne = async (tasks: readonly Task[]): Promise<void> =>
    pool.use(never, async connection => {
      const names = tasks.flatMap(it => ('deleted' in it ? [it.deleted] : []))
      const deletions = names.length === 0 ? '' : await deletionsOf(connection, names)
      const text = together(
        tasks.flatMap(it => ('statements' in it ? [statementsOf(it.statements)] : [])),
        deletions,
      )
      if (text !== '') await connection.query(text)
    })
  const alone = (task: Task): Promise<void> =>
    pool.use(never, async connection => {
      if ('deleted' in task) return deletionOf(connection, task.deleted)
      const query = (text: string): Promise<unknown> => connection.query(text)
      const { statements } = task
      await refusing(isSocial(task) ? underLock(query, statements, together([statementsOf(statements)], '')) : query(statements))
    })
  return new Batches<Task>({ isSocial, isUndone: isRolledBack, many: inOne, one: task => again(() => alone(task)) }, lanes)
}

const MAKES = /^CREATE\s+(?:ROLE|USER)\b/i

/** The roles first, then what transactions could be in one another's way with. */
function together(tasks: readonly (readonly string[])[], deletions: string): string {
  const lead = tasks.map(statements => statements.findIndex(it => !MAKES.test(it)))
  const made = tasks.flatMap((statements, i) => statements.slice(0, lead[i] === -1 ? undefined : lead[i]))
  const rest = sharedGrants(tasks.map((statements, i) => (lead[i] === -1 ? [] : statements.slice(lead[i])))).concat(
    deletions === '' ? [] : deletions,
  )
  return [...made, ...(rest.length === 0 ? [] : [LOCK, ...rest])].join('\n;\n')
}

async function refusing(sent: Promise<unknown>): Promise<void> {
  try {
    await sent
  } catch (cause) {
    throw new StatementRefused(cause)
  }
}

async function again(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (cause) {
      const behind = cause instanceof StatementRefused ? cause.cause : cause
      if (attempt >= ATTEMPTS || !isReported(behind) || !CONFLICTS.has(sqlState(behind))) throw cause
    }
  }
}

/** There was a connection, and a statement failed on it. */
export class StatementRefused extends Error {
  constructor(cause: unknown) {
    super('a statement failed', { cause })
  }
}
