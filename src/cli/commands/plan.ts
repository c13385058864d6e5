import { readFile, writeFile } from 'node:fs/promises'
import { readerOf } from '../../client/index.ts'
import {
  decodeSnapshot,
  encodePlan,
  isEmptyPlan,
  isLeftOut,
  offline,
  planPhase,
  standingRefusals,
  type Plan,
  type Planned,
} from '../../reconciler/index.ts'
import { findingsJson, renderFindings, renderMarkdown, renderPlan } from '../../reconciler/report/index.ts'
import { CommandFailed, defineCommand, type Command, type Context } from '../command.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import {
  absolute,
  connectionAndRepository,
  consentFlags,
  consentsOf,
  exitCodes,
  filesOf,
  folderOf,
  formatOf,
  openSession,
  orFail,
  paintOf,
  selectionOf,
  type SessionGiven,
  whileReading,
} from '../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'plan [options]',
  about: `
Show what apply would do to bring the server to what the repository says: its
policies, auth mounts and roles, secrets mounts and their config. Nothing is
written; the client that plans has no way to.

    $ {program} plan
    $ {program} plan -out=plan.json && {program} apply plan.json
    $ {program} plan -commit=HEAD -detailed-exitcode
    $ {program} plan -snapshot=snapshot.json -snapshot-key=snapshot.pub

The last one asks no server: it takes what one answered when the snapshot was taken
(see "{program} snapshot"). It needs no token and follows no reference.

The exit code tells how it went:

    0  it could be planned; with -detailed-exitcode: and there is nothing to do
    1  something is wrong with the files, the server or the network
    2  with -detailed-exitcode: there is something to do
    3  a guard refuses to have it applied
`,
  flags: {
    ...connectionAndRepository,
    ...consentFlags,
    out: flag.string('Save the plan to this file, for apply.', { group: 'Output Options' }),
    snapshot: flag.string('Plan with this snapshot of a server, and ask none. Needs -snapshot-key.', { group: 'Repository Options' }),
    snapshotKey: flag.string('The file of the public key by which the snapshot must be signed.', {
      group: 'Repository Options',
      env: 'LOCKSTEP_SNAPSHOT_KEY',
    }),
    detailedExitcode: flag.bool('Tell by the exit code whether there is something to do.', { group: 'Output Options' }),
  },
  async run(ctx, given) {
    const { flags } = given
    expectArgs(given.args, 0)
    const format = formatOf(flags)
    return await orFail(async () => {
      const planned = flags.snapshot === undefined ? await planOnline(ctx, given) : await planOffline(ctx, given, flags.snapshot)
      const paint = paintOf(ctx, flags)
      if (planned.is === 'broken') {
        if (format === 'json') ctx.stdout.write(findingsJson(planned.findings))
        else ctx.stderr.write(renderFindings(planned.findings, paint))
        return exitCodes.failed
      }
      const { plan } = planned
      const standing = standingRefusals(plan, consentsOf(flags))
      if (flags.out !== undefined) await savePlan(absolute(ctx, flags.out), plan)
      const consented = new Set(plan.refusals.filter(it => !standing.includes(it)))
      if (format === 'json') ctx.stdout.write(encodePlan(plan))
      else if (format === 'markdown') ctx.stdout.write(renderMarkdown(plan))
      else ctx.stdout.write(renderPlan(plan, { paint, consented, ...(flags.full === undefined ? {} : { full: flags.full }) }))
      if (flags.out !== undefined && format === 'terminal') {
        ctx.stderr.write(`\nSaved the plan to ${flags.out}. Apply exactly this: ${ctx.program} apply ${flags.out}\n`)
      }
      if (standing.length > 0) return exitCodes.refused
      return flags.detailedExitcode && !isEmptyPlan(plan) ? exitCodes.changes : exitCodes.clean
    })
  },
})

async function planOnline(ctx: Context, given: SessionGiven): Promise<Planned> {
  const session = await openSession(ctx, given)
  return await whileReading(ctx, session.client, client => planPhase({ ...session.plan, reader: readerOf(client), now: ctx.clock.now() }))
}

/** Without a server, a token or a secret: for the pull request of somebody who may have none of them. */
async function planOffline(
  ctx: Context,
  given: SessionGiven & { readonly flags: { readonly snapshotKey: string | undefined } },
  path: string,
): Promise<Planned> {
  const { flags } = given
  if (flags.snapshotKey === undefined)
    throw new CommandFailed(
      '-snapshot needs -snapshot-key, the file of the public key: whose signature counts is not for the snapshot to say',
    )
  const [text, key] = await Promise.all([textOf(absolute(ctx, path)), textOf(absolute(ctx, flags.snapshotKey))])
  const now = ctx.clock.now()
  const snapshot = decodeSnapshot(text, key, now)
  const isSelected = selectionOf(flags.target, flags.exclude)
  return await planPhase({
    ...offline(snapshot),
    ...filesOf(flags),
    dir: await folderOf(ctx, flags.dir),
    env: {},
    now,
    isSelected: address => !isLeftOut(address) && (isSelected?.(address) ?? true),
  })
}

const textOf = (path: string): Promise<string> =>
  readFile(path, 'utf8').catch((cause: Error) => {
    throw new CommandFailed(`cannot read ${path}: ${cause.message}`, exitCodes.failed, { cause })
  })

/** A plan holds no secret, but it tells who may do what. */
async function savePlan(path: string, plan: Plan): Promise<void> {
  try {
    await writeFile(path, encodePlan(plan), { mode: 0o600 })
  } catch (cause) {
    throw new CommandFailed(`cannot write ${path}: ${(cause as Error).message}`, exitCodes.failed, { cause })
  }
}
