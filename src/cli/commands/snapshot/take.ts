import { readFile, writeFile } from 'node:fs/promises'
import { readerOf } from '../../../client/index.ts'
import { encodeSnapshot, takeSnapshot } from '../../../reconciler/index.ts'
import { renderFindings } from '../../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { absolute, connectionAndRepository, exitCodes, openSession, orFail, paintOf } from '../../reconcile/index.ts'

const group = 'Snapshot Options'

export const command: Command = defineCommand({
  usage: 'snapshot take -out=FILE -key=FILE [options]',
  about: `
Write down what the server answers to all that a plan of this repository asks, and
sign it. Nothing is written to the server.

    $ {program} snapshot keygen -out=snapshot
    $ {program} snapshot take -out=snapshot.json -key=snapshot.key
    $ {program} plan -snapshot=snapshot.json -snapshot-key=snapshot.pub

With it a pull request can be planned where there may be no token and no secret, such
as that of a fork. It holds what plans show anyway: policies, roles, mounts and their
settings. It holds no secret: references are not followed, objects under api/ are left
out, and so is what the tables of the kinds call a secret.
`,
  flags: {
    ...connectionAndRepository,
    out: flag.string('Where the snapshot is written.', { group }),
    key: flag.string('The file of the private key that signs it.', { group }),
    lifetime: flag.duration('How long plans may be made with it.', { group }),
  },
  async run(ctx, given) {
    const { flags } = given
    expectArgs(given.args, 0)
    const { out, key } = flags
    if (out === undefined || key === undefined) throw new CommandFailed('snapshot take needs -out, and -key for the signature')
    const lifetime = flags.lifetime ?? A_WEEK
    if (lifetime <= 0) throw new CommandFailed('invalid value for flag -lifetime: expected more than 0s')
    return await orFail(async () => {
      const keyFile = absolute(ctx, key)
      const privateKey = await readFile(keyFile, 'utf8').catch((cause: Error) => {
        throw new CommandFailed(`cannot read ${key}: ${cause.message}`, exitCodes.failed, { cause })
      })
      const { plan, client } = await openSession(ctx, given)
      const taken = await takeSnapshot({ ...plan, reader: readerOf(client), now: ctx.clock.now(), lifetime: lifetime * 1000 })
      if (taken.is === 'broken') {
        ctx.stderr.write(renderFindings(taken.findings, paintOf(ctx, flags)))
        return exitCodes.failed
      }
      const { snapshot } = taken
      await writeFile(absolute(ctx, out), encodeSnapshot(snapshot, privateKey), { mode: 0o644 }).catch((cause: Error) => {
        throw new CommandFailed(`cannot write ${out}: ${cause.message}`, exitCodes.failed, { cause })
      })
      const count = Object.keys(snapshot.answers).length
      ctx.stdout.write(`Wrote ${count} answers of ${snapshot.target.address} to ${out}, good until ${snapshot.expiresAt.toISOString()}.\n`)
      return exitCodes.clean
    })
  },
})

const A_WEEK = 7 * 24 * 3600
