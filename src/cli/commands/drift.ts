import { readerOf } from '../../client/index.ts'
import { isDrift, planPhase, readAuditTrail } from '../../reconciler/index.ts'
import { coveredPercent, drifted, type Changes, type Plan } from '../../reconciler/model/index.ts'
import {
  driftJson,
  driftJunit,
  driftMarkdown,
  driftSarif,
  findingsJson,
  percentText,
  renderDrift,
  renderFindings,
} from '../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { absolute, connectionAndRepository, exitCodes, openSession, orFail, paintOf, whileReading } from '../reconcile/index.ts'

const machine: Readonly<Record<string, (plan: Plan, changes: Changes) => string>> = {
  json: driftJson,
  markdown: driftMarkdown,
  sarif: driftSarif,
  junit: driftJunit,
}

export const command: Command = defineCommand({
  usage: 'drift [options]',
  about: `
Report where the server and the repository differ, and who moved: whether a
commit is not applied yet, or somebody changed the server, or both. Nothing is
written.

    $ {program} drift -commit=origin/main
    $ {program} drift -format=sarif -audit-log=/var/log/vault/audit.log
    $ {program} drift -fail-under=80

With the file of the server's audit device it also says who wrote an object last,
and when. How much of what stands there is managed is counted; with -fail-under
too little of it counts as drift. What lockstep.yaml ignores is listed with its
reason and its end.

The exit code tells what was found:

    0  the server is as the repository says
    1  something is wrong with the files, the server or the network
    2  they differ, or less is managed than -fail-under asks for
`,
  flags: {
    ...connectionAndRepository,
    format: flag.string('How to print: "terminal", "json", "sarif", "junit" or "markdown".', {
      group: 'Output Options',
      default: 'terminal',
      env: 'LOCKSTEP_FORMAT',
    }),
    auditLog: flag.string('The file of an audit device of the server: tells who wrote an object last.', { group: 'Repository Options' }),
    failUnder: flag.int('Fail if less than so many percent of what stands on the server is managed.', { group: 'Repository Options' }),
  },
  async run(ctx, given) {
    const { flags } = given
    expectArgs(given.args, 0)
    const format = flags.json ? 'json' : flags.format === 'table' ? 'terminal' : flags.format
    const render = machine[format]
    if (render === undefined && format !== 'terminal') {
      throw new CommandFailed(`invalid output format "${format}"; expected one of terminal, ${Object.keys(machine).join(', ')}`)
    }
    if (flags.failUnder !== undefined && (flags.failUnder < 0 || flags.failUnder > 100)) {
      throw new CommandFailed('invalid value for flag -fail-under: expected 0 to 100')
    }
    return await orFail(async () => {
      const session = await openSession(ctx, given)
      const planned = await whileReading(ctx, session.client, client =>
        planPhase({ ...session.plan, reader: readerOf(client), now: ctx.clock.now() }),
      )
      const paint = paintOf(ctx, flags)
      if (planned.is === 'broken') {
        if (format === 'json') ctx.stdout.write(findingsJson(planned.findings))
        else ctx.stderr.write(renderFindings(planned.findings, paint))
        return exitCodes.failed
      }
      const { plan } = planned
      const touched = drifted(plan).map(it => it.address)
      const changes: Changes =
        flags.auditLog === undefined ? new Map() : await readAuditTrail(absolute(ctx, flags.auditLog), touched, plan.target.namespace)
      if (render !== undefined) ctx.stdout.write(render(plan, changes))
      else ctx.stdout.write(renderDrift(plan, { paint, changes, ...(flags.full === undefined ? {} : { full: flags.full }) }))
      const isTooLittle = flags.failUnder !== undefined && coveredPercent(plan.coverage) < flags.failUnder
      if (isTooLittle) ctx.stderr.write(`${percentText(plan.coverage)} is managed, and -fail-under asks for ${flags.failUnder} %\n`)
      return isDrift(plan) || isTooLittle ? exitCodes.changes : exitCodes.clean
    })
  },
})
