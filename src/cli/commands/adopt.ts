import { mkdir } from 'node:fs/promises'
import { readerOf } from '../../client/index.ts'
import {
  adoptDrift,
  adoptPhase,
  commitFiles,
  filesInTheWay,
  findManagedFolder,
  planPhase,
  writeFiles,
  type FileChange,
} from '../../reconciler/index.ts'
import { referenceText } from '../../reconciler/model/index.ts'
import { harmlessLine, renderFindings, type Paint } from '../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command, type Context } from '../command.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { connectionAndRepository, exitCodes, openSession, orFail, paintOf, type Session } from '../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'adopt [options]',
  about: `
Write what stands on a server and in no file as files of a repository: policies,
auth methods and secrets engines with what lives on them, identities, quotas and
the like. What a file describes already, what another repository manages and what
lockstep.yaml ignores are passed over. Secrets are never read: where one is set,
the file names a variable for it, which has to be given before the next apply.

    $ {program} adopt -dir=infrastructure
    $ {program} plan -dir=infrastructure

With -drift it is the other way round: where somebody changed the server, the files
are changed to say the same, so that a review can decide whether it was right.

    $ {program} adopt -drift -branch=adopt-drift

A file that is there and says something else is never overwritten without -force,
except where -drift changes it. The server is only read.

The exit code tells how it went:

    0  everything that can be described is described
    1  something is wrong with the files, the server or the network
`,
  flags: {
    ...connectionAndRepository,
    drift: flag.bool('Change the files that are there to what somebody made of the server.', { group: 'Adopt Options' }),
    branch: flag.string('Commit to a new branch of this name, and leave the work tree as it is.', { group: 'Adopt Options' }),
    force: flag.bool('Overwrite files that are there.', { group: 'Adopt Options' }),
    dryRun: flag.bool('Say which files would be written, and write none.', { group: 'Adopt Options' }),
  },
  async run(ctx, given) {
    const { flags } = given
    expectArgs(given.args, 0)
    if (flags.commit !== undefined) throw new CommandFailed('adopt takes the files as they lie: -commit has no place here')
    return await orFail(async () => {
      const dir = flags.dir ?? (await findManagedFolder(ctx.cwd)) ?? ctx.cwd
      const session = await openSession(ctx, { ...given, flags: { ...flags, dir } })
      if (!flags.drift && !flags.dryRun) await mkdir(session.dir, { recursive: true })
      const paint = paintOf(ctx, flags)
      const changes = await (flags.drift ? ofDrift(ctx, session, paint) : ofLive(ctx, session, paint))
      if (changes === undefined) return exitCodes.failed
      if (changes.length === 0) {
        ctx.stdout.write('Nothing to write.\n')
        return exitCodes.clean
      }
      const inTheWay = flags.drift || flags.force || flags.branch !== undefined ? [] : await filesInTheWay(session.dir, changes)
      if (inTheWay.length > 0)
        throw new CommandFailed(`these files are there and say something else: ${inTheWay.join(', ')}; say -force to overwrite them`)
      const done = flags.dryRun ? undefined : flags.branch
      if (done !== undefined) {
        const message = flags.drift ? 'Adopt what was changed on the server' : 'Adopt what stands on the server'
        const commit = await commitFiles(session.dir, done, message, changes)
        ctx.stdout.write(`Committed ${countOf(changes)} to the branch ${done} (${commit.slice(0, 12)}).\n`)
      } else if (!flags.dryRun) await writeFiles(session.dir, changes)
      for (const { path, text } of changes) ctx.stdout.write(`${text === undefined ? '-' : '+'} ${harmlessLine(path)}\n`)
      return exitCodes.clean
    })
  },
})

const countOf = (changes: readonly FileChange[]): string => (changes.length === 1 ? 'one file' : `${changes.length} files`)

async function ofLive(ctx: Context, session: Session, paint: Paint): Promise<readonly FileChange[] | undefined> {
  const { plan } = session
  const adopted = await adoptPhase({ ...plan, reader: readerOf(session.client), now: ctx.clock.now() })
  ctx.stderr.write(renderFindings(adopted.is === 'broken' ? adopted.findings : adopted.notes, paint))
  if (adopted.is === 'broken') return undefined
  for (const { address, attribute, reference } of adopted.references)
    ctx.stderr.write(`${harmlessLine(address)}: ${attribute} is expected in ${harmlessLine(referenceText(reference))}\n`)
  return adopted.files.map(({ path, text }) => ({ path, text: text ?? '' }))
}

async function ofDrift(ctx: Context, session: Session, paint: Paint): Promise<readonly FileChange[] | undefined> {
  const planned = await planPhase({ ...session.plan, reader: readerOf(session.client), now: ctx.clock.now() })
  if (planned.is === 'broken') {
    ctx.stderr.write(renderFindings(planned.findings, paint))
    return undefined
  }
  const { files, left } = await adoptDrift(planned.plan, session.dir)
  for (const { step, why } of left) ctx.stderr.write(`${harmlessLine(step.address)} is left as it is: ${harmlessLine(why)}\n`)
  return files
}
