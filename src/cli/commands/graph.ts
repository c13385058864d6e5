import { graphPhase } from '../../reconciler/index.ts'
import type { Graph } from '../../reconciler/model/index.ts'
import { dotGraph, graphJson, mermaidGraph, plain, renderFindings } from '../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { exitCodes, folderOf, orFail } from '../reconcile/index.ts'

const formats: Readonly<Record<string, (graph: Graph) => string>> = { mermaid: mermaidGraph, dot: dotGraph, json: graphJson }

export const command: Command = defineCommand({
  usage: 'graph [options]',
  about: `
Draw who uses what in the repository: the auth mounts and those who log in there,
the policies that they hold, and the mounts whose paths those policies speak of.

    $ {program} graph > docs/access.mmd
    $ {program} graph -format=dot | dot -Tsvg > access.svg
`,
  flags: {
    dir: flag.string('The managed repository. Without it, the nearest one around the current folder.', {
      group: 'Repository Options',
      env: 'LOCKSTEP_DIR',
    }),
    commit: flag.string('Take the files as this commit has them (HEAD, a branch, a tag, an id), not as they lie.', {
      group: 'Repository Options',
    }),
    environment: flag.string('With the files of targets/<name>/ laid over the others.', {
      group: 'Repository Options',
      env: 'LOCKSTEP_ENVIRONMENT',
    }),
    format: flag.string('How to print: "mermaid", "dot" or "json".', { group: 'Output Options', default: 'mermaid' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const render = formats[flags.format]
    if (render === undefined)
      throw new CommandFailed(`invalid output format "${flags.format}"; expected one of ${Object.keys(formats).join(', ')}`)
    return await orFail(async () => {
      const graphed = await graphPhase({
        dir: await folderOf(ctx, flags.dir),
        source: flags.commit === undefined ? 'worktree' : { commit: flags.commit },
        ...(flags.environment === undefined ? {} : { environment: flags.environment }),
        now: ctx.clock.now(),
      })
      if (graphed.is === 'broken') {
        ctx.stderr.write(renderFindings(graphed.findings, plain))
        return exitCodes.failed
      }
      ctx.stdout.write(render(graphed.graph))
      return exitCodes.clean
    })
  },
})
