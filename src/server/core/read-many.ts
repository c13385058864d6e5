import type { Random } from '../../kernel/index.ts'
import type { WireObject } from '../../schema/index.ts'
import { faults, isFault, type CoreReply, type CoreRequest } from '../logical/index.ts'

/** Where several paths can be read at once; what it may be asked is its route's business (`system/read-many.ts`). */
export const READ_MANY = 'sys/internal/read-many'

export interface Asked {
  readonly paths: readonly string[]
  /** Of lists. */
  readonly limit?: number
}

/**
 * Each path as a request of its own, with the token of the one that asks: authorised, audited and counted like any other. What goes
 * wrong with one of them is its answer and not the others'.
 */
export async function readMany(
  request: CoreRequest,
  { paths, limit }: Asked,
  handle: (request: CoreRequest) => Promise<CoreReply>,
  random: Random,
): Promise<WireObject> {
  const answers = await Promise.all(
    paths.map(async path => {
      const isList = path.endsWith('/')
      const own: CoreRequest = {
        ...request,
        id: random.uuid(),
        op: isList ? 'list' : 'read',
        path,
        data: isList && limit !== undefined ? { limit } : {},
        wrap: undefined,
      }
      try {
        return { path, ...answerOf(await handle(own)) }
      } catch (cause) {
        const { status, wire } = isFault(cause) ? cause : faults.internal({ cause })
        return { path, status, errors: wire }
      }
    }),
  )
  return { answers }
}

/** What is no envelope has no place in another's. */
function answerOf(reply: CoreReply): WireObject {
  if (reply.is !== 'envelope') return { status: 406, errors: ['what is answered there has to be asked for alone'] }
  const { lease_id: lease, data, warnings, auth } = reply.envelope
  return {
    status: reply.status,
    data,
    ...(warnings !== null && { warnings }),
    ...(auth !== null && { auth }),
    ...(lease !== '' && { lease_id: lease, renewable: reply.envelope.renewable, lease_duration: reply.envelope.lease_duration }),
  }
}
