import type { RunOutcome } from '../../reconciler/watch/index.ts'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { connectionAndRepository, exitCodes, folderOf, orFail, paintOf } from '../reconcile/index.ts'
import { loadWatchSettings, Watching } from '../watch/watching.ts'
import { createLogSink } from './server/log-sink.ts'
import { productFacts } from './server/serve.ts'
import { logFormatOf, logLevelOf } from './server/settings.ts'

const group = 'Watch Options'

export const command: Command = defineCommand({
  usage: 'watch [options]',
  about: `
Keep a server in lockstep with a branch for as long as it runs: each new commit is
planned and applied, and the server is looked at from time to time for what somebody
changed by hand.

    $ {program} watch -dir=/srv/vault -config=watch.yaml
    $ {program} watch -config=watch.yaml -once

A commit is tried once; it is tried again only when the server or the network was
at fault. Guards hold as everywhere, and nobody is there to allow what they refuse:
such a commit is told, and waits for a person. One watch works at a time; others
stand by.

What it does is said by the file of -config: where the repository is, whose
signatures count, when nothing may be written, who is told, and where health,
metrics and status are served. It is not part of the repository, since what decides
whether a commit may be applied must not come with it.
`,
  flags: {
    ...connectionAndRepository,
    config: flag.string('The settings of the watch. Without it: a folder, looked at every minute.', { group }),
    once: flag.bool('Look once, do what is due, and end.', { group }),
    logLevel: flag.string('What to log: "trace", "debug", "info", "warn" or "error".', { group, default: 'info', env: 'BAO_LOG_LEVEL' }),
    logFormat: flag.string('The form of the log: "standard" or "json".', { group, default: 'standard', env: 'BAO_LOG_FORMAT' }),
  },
  async run(ctx, given) {
    const { flags } = given
    expectArgs(given.args, 0)
    if (flags.commit !== undefined) throw new CommandFailed('-commit has no meaning here: the watch takes each commit as it comes')
    // Asked for before anything is set up, so that a signal from here on ends it in order.
    const { signal } = ctx
    return await orFail(async () => {
      const { settings, home } = await loadWatchSettings(ctx, flags.config)
      const log = await createLogSink({
        level: logLevelOf(flags.logLevel),
        format: logFormatOf(flags.logFormat),
        clock: ctx.clock,
        write: text => ctx.stderr.write(text),
      })
      const watching = await Watching.open({
        ctx,
        given,
        settings,
        home,
        dir: settings.upstream === undefined ? await folderOf(ctx, flags.dir) : undefined,
        log,
        paint: paintOf(ctx, flags),
        version: (await productFacts()).lockstepVersion,
        print: text => ctx.stdout.write(text),
      })
      if (flags.once) return codeOf(await watching.once(signal))
      await watching.run(signal)
      log.write('info', 'stopped')
      return exitCodes.clean
    })
  },
})

/** As `apply` and `drift` end. That another watch works is in order. */
function codeOf(outcome: RunOutcome | undefined): number {
  if (outcome === undefined || outcome === 'clean' || outcome === 'applied') return exitCodes.clean
  if (outcome === 'refused') return exitCodes.refused
  return outcome === 'drift' || outcome === 'waiting' || outcome === 'unsettled' ? exitCodes.changes : exitCodes.failed
}
