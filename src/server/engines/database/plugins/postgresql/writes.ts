/** Everything that changes a role goes through here, one message after the other; what may, in one transaction. */
import { Batches } from './batches.ts'
import { isReported, sqlState } from './failures.ts'
import { unquoted } from './fill.ts'
import type { Connection, Pool } from './pool.ts'
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

export function writesTo(pool: Pool): Batches<Task> {
  const inOne = async (tasks: readonly Task[]): Promise<void> =>
    pool.use(never, async connection => {
      const names = tasks.flatMap(it => ('deleted' in it ? [it.deleted] : []))
      const deletions = names.length === 0 ? '' : await deletionsOf(connection, names)
      const text = [...tasks.flatMap(it => ('statements' in it ? [it.statements] : [])), deletions].filter(it => it !== '').join('\n;\n')
      if (text !== '') await connection.query(text)
    })
  const alone = (task: Task): Promise<void> =>
    pool.use(never, async connection => {
      if ('deleted' in task) await deletionOf(connection, task.deleted)
      else await send(connection, task.statements)
    })
  return new Batches<Task>({ isSocial, many: inOne, one: task => again(() => alone(task)) })
}

async function send(connection: Connection, text: string): Promise<void> {
  try {
    await connection.query(text)
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
