import type { Consents } from '../../reconciler/index.ts'
import { coloured, plain, type Paint } from '../../reconciler/report/index.ts'
import type { Context } from '../command.ts'
import type { ConsentValues, RepositoryValues } from './flags.ts'

export function paintOf(ctx: Context, { noColor }: Pick<RepositoryValues, 'noColor'>): Paint {
  return ctx.stdout.isTerminal && ctx.colour && !noColor ? coloured : plain
}

export const consentsOf = (flags: ConsentValues): Consents => ({
  ...(flags.maxDeletes === undefined ? {} : { maxDeletes: flags.maxDeletes }),
  ...(flags.maxUpdates === undefined ? {} : { maxUpdates: flags.maxUpdates }),
  dataLoss: flags.allowDataLoss,
  takeover: flags.allowTakeover,
  empty: flags.allowEmpty,
  ownAccess: flags.allowLosingAccess,
})
