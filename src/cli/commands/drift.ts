import { readerOf } from '../../client/index.ts'
import { encodePlan, isDrift, planPhase } from '../../reconciler/index.ts'
import { findingsJson, renderDrift, renderFindings, renderMarkdown } from '../../reconciler/report/index.ts'
import { defineCommand, type Command } from '../command.ts'
import { expectArgs } from '../input/index.ts'
import { connectionAndRepository, exitCodes, formatOf, openSession, orFail, paintOf } from '../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'drift [options]',
  about: `
Report where the server and the repository differ, and who moved: whether a
commit is not applied yet, or somebody changed the server. Nothing is written.

    $ {program} drift -commit=origin/main

The exit code tells what was found:

    0  the server is as the repository says
    1  something is wrong with the files, the server or the network
    2  they differ
`,
  flags: { ...connectionAndRepository },
  async run(ctx, given) {
    const { flags } = given
    expectArgs(given.args, 0)
    const format = formatOf(flags)
    return await orFail(async () => {
      const session = await openSession(ctx, given)
      const planned = await planPhase({ ...session.plan, reader: readerOf(session.client), now: ctx.clock.now() })
      const paint = paintOf(ctx, flags)
      if (planned.is === 'broken') {
        if (format === 'json') ctx.stdout.write(findingsJson(planned.findings))
        else ctx.stderr.write(renderFindings(planned.findings, paint))
        return exitCodes.failed
      }
      const { plan } = planned
      if (format === 'json') ctx.stdout.write(encodePlan(plan))
      else if (format === 'markdown') ctx.stdout.write(renderMarkdown(plan))
      else ctx.stdout.write(renderDrift(plan, { paint, ...(flags.full === undefined ? {} : { full: flags.full }) }))
      return isDrift(plan) ? exitCodes.changes : exitCodes.clean
    })
  },
})
