import type { Client } from '../../client/index.ts'
import type { ApplyEvent } from '../../reconciler/index.ts'
import type { Context } from '../command.ts'

/** Milliseconds before anything is shown, and between two showings. */
const PATIENCE = 1000
const OFTEN = 100

/** Whoever sits at a terminal sees how far a long look at the server is; nobody else does. */
export async function whileReading<T>(ctx: Context, client: Client, work: (client: Client) => Promise<T>): Promise<T> {
  if (!ctx.stderr.isTerminal) return await work(client)
  const now = (): number => ctx.clock.now().getTime()
  const begun = now()
  let answers = 0
  let shown: number | undefined
  const tell = (): void => {
    answers++
    const at = now()
    if (at - begun < PATIENCE || (shown !== undefined && at - shown < OFTEN)) return
    shown = at
    ctx.stderr.write(`\rReading the server: ${answers} answers in ${Math.round((at - begun) / 1000)} s\u001b[K`)
  }
  const counted: Client = {
    ...client,
    async send(request) {
      const answer = await client.send(request)
      tell()
      return answer
    },
  }
  try {
    return await work(counted)
  } finally {
    if (shown !== undefined) ctx.stderr.write('\r\u001b[K')
  }
}

/** Fewer than these are done before anybody has read how long they will take. */
const MANY = 50

/** How long the rest will take if it goes on like this: ` 12 s left`; nothing where that is not worth saying. */
export function timeLeft(elapsed: number, count: number, of: number): string {
  if (of < MANY || count === 0 || elapsed < PATIENCE) return ''
  const seconds = Math.ceil((elapsed / count) * (of - count)) / 1000
  return seconds < 1 ? '' : seconds < 90 ? `, ${Math.round(seconds)} s left` : `, ${Math.round(seconds / 60)} min left`
}

/** For machines: one JSON object a line. */
export function eventLine(event: ApplyEvent): string {
  const { is } = event
  const line =
    is === 'rolling-back'
      ? { type: 'apply_rollback', count: event.count }
      : {
          type: is === 'started' ? 'apply_start' : is === 'finished' ? 'apply_complete' : 'apply_errored',
          address: event.step.address,
          action: event.step.action,
          ...(is === 'finished' && { count: event.count, of: event.of }),
          ...(is === 'failed' && { message: event.message }),
        }
  return `${JSON.stringify(line)}\n`
}
