import { diffPhase, findManagedFolder } from '../../reconciler/index.ts'
import { addressMatcher } from '../../reconciler/model/index.ts'
import { coloured, diffJson, diffMarkdown, findingsJson, plain, renderDiff, renderFindings } from '../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { absolute, exitCodes, orFail } from '../reconcile/index.ts'

const formats: readonly string[] = ['pretty', 'json', 'markdown']

export const command: Command = defineCommand({
  usage: 'diff [options] OLD [NEW]',
  about: `
Show who gains and who loses access between two states of a repository: each
role, token role, group and entity, each capability, each path. It is worked out
from all rules of all policies that a holder has, over all paths. So it also shows
where a policy more takes access away, and is silent on what changes nothing.

OLD and NEW are commits, folders, or policy files. Without NEW, the repository is
taken as it lies.

    $ {program} diff origin/main
    $ {program} diff -format=markdown v1.4 HEAD
    $ {program} diff old.hcl new.hcl

In a path, "+" is one segment, a final "*" is whatever follows, and "a(+)" is one
segment that begins with "a". Lists are asked with a final slash.

The exit code tells what was found:

    0  nobody gains or loses access
    1  something cannot be read
    2  somebody does
`,
  flags: {
    dir: flag.string('The managed repository. Without it, the nearest one around the current folder.', {
      group: 'Repository Options',
      env: 'LOCKSTEP_DIR',
    }),
    environment: flag.string('Lay the files of targets/<name>/ over the others, on both sides.', {
      group: 'Repository Options',
      env: 'LOCKSTEP_ENVIRONMENT',
    }),
    holder: flag.strings('Only holders with this address; * stands for anything. May be repeated.', { group: 'Repository Options' }),
    format: flag.string('How to print: "pretty", "json" or "markdown".', { group: 'Output Options', default: 'pretty' }),
    full: flag.bool('Show all, however much it is.', { group: 'Output Options' }),
    noColor: flag.bool('Print without colours.', { group: 'Output Options' }),
  },
  async run(ctx, { flags, args }) {
    const [old, fresh, surplus] = args
    if (old === undefined || surplus !== undefined) throw new CommandFailed('expected one or two arguments: OLD [NEW]')
    if (!formats.includes(flags.format))
      throw new CommandFailed(`invalid output format "${flags.format}"; expected one of ${formats.join(', ')}`)
    return await orFail(async () => {
      const dir = flags.dir === undefined ? await findManagedFolder(ctx.cwd) : absolute(ctx, flags.dir)
      const diffed = await diffPhase(old, fresh, {
        dir,
        cwd: ctx.cwd,
        now: ctx.clock.now(),
        ...(flags.environment === undefined ? {} : { environment: flags.environment }),
      })
      const paint = ctx.stdout.isTerminal && ctx.colour && !flags.noColor ? coloured : plain
      if (diffed.is === 'broken') {
        if (flags.format === 'json') ctx.stdout.write(findingsJson(diffed.findings))
        else ctx.stderr.write(renderFindings(diffed.findings, paint))
        return exitCodes.failed
      }
      const wanted = flags.holder.map(addressMatcher)
      const access = diffed.access.flatMap(it => {
        const holders = wanted.length === 0 ? it.holders : it.holders.filter(holder => wanted.some(matches => matches(holder)))
        return holders.length === 0 ? [] : [{ ...it, holders }]
      })
      if (flags.format === 'json') ctx.stdout.write(diffJson(access, { old, new: fresh ?? 'worktree' }))
      else ctx.stdout.write(flags.format === 'markdown' ? diffMarkdown(access) : renderDiff(access, { paint, full: flags.full }))
      return access.length === 0 ? exitCodes.clean : exitCodes.changes
    })
  },
})
