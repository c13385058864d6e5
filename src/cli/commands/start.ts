import { join, relative, resolve } from 'node:path'
import { seconds } from '../../kernel/index.ts'
import { findManagedFolder } from '../../reconciler/index.ts'
import { type Command, CommandFailed, type Context, defineCommand, type Given } from '../command.ts'
import { flag } from '../flag.ts'
import { keyFileIn, rootTokenFileIn } from '../try-out/key-file.ts'
import { makeReady } from '../try-out/make-ready.ts'
import { Lockstep } from '../try-out/lockstep.ts'
import { createLogSink } from './server/log-sink.ts'
import { openListener, openServer, productFacts, Undo } from './server/serve.ts'

const flags = {
  dir: flag.string('The managed repository. Absent: the one around the current folder.'),
  once: flag.bool('Reconcile once and end, instead of watching for commits.'),
  listenAddress: flag.string('Where the server listens.', { env: 'LOCKSTEP_LISTEN_ADDRESS', default: '127.0.0.1:8200' }),
} as const
type Flags = Given<typeof flags>['flags']

/** Everything that the try-it-out server keeps lies here, in the managed folder, out of Git. */
const DATA = '.lockstep'

const LEASE = seconds(2_764_800)

async function folderOf(ctx: Context, { dir }: Flags): Promise<string> {
  const from = resolve(ctx.cwd, dir ?? '.')
  const found = await findManagedFolder(from)
  if (found === undefined) {
    throw new CommandFailed(
      `${from} is no managed repository, nor lies in one: expected lockstep.yaml, or a folder named policies, roles or engines`,
    )
  }
  return found
}

function addressOf(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] = /^(.*):(\d{1,5})$/.exec(text) ?? []
  const number = Number(port)
  if (host === undefined || host === '' || number > 65_535)
    throw new CommandFailed(`-listen-address: "${text}" is no address: expected HOST:PORT`)
  if (!LOOPBACK.test(host)) {
    throw new CommandFailed(
      `-listen-address: "${host}" is not of this machine alone; the try-it-out server keeps its keys beside its data and speaks no TLS: run "lockstep server -config=FILE" to serve others`,
    )
  }
  return { host, port: number }
}
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/

export const command: Command = defineCommand({
  usage: 'start [options]',
  about: `
Try everything out with one command: run a server on a store of its own in
.lockstep/, unseal it, and keep it in lockstep with the repository around this
folder. The first start initialises the server; a later one finds its data again.

    $ {program} start
    $ {program} start -once

A commit that changes a policy, a role or an engine is planned and applied at once.
What is not committed is named, and not applied.

The keys lie in .lockstep/ too, readable by their owner only. That is fine to try
things out, and nowhere else: run "{program} server" for anything that matters.
`,
  flags,
  async run(ctx, { flags, args }) {
    if (args.length > 0) throw new CommandFailed(`start takes no arguments (got ${args.length})`)
    const dir = await folderOf(ctx, flags)
    const data = join(dir, DATA)
    const address = addressOf(flags.listenAddress)
    const undo = new Undo()
    try {
      // Asked for before anything is set up, so that a signal from here on ends it in order.
      const { signal } = ctx
      const ready = await makeReady(ctx, data, undo, { address, lease: LEASE, createLogSink, openServer, openListener, productFacts })
      tell(ctx, dir, data, ready.url, ready.isNew)
      const lockstep = new Lockstep({ ctx, dir, url: ready.url, token: ready.rootToken, signal })
      undo.add(async () => lockstep.close())
      const code = await lockstep.reconcile()
      if (flags.once) return code
      tellHow(ctx, data, ready.url)
      await lockstep.watch()
      ctx.stdout.write('\nStopped. Start again to go on: nothing is lost.\n')
      return 0
    } finally {
      await undo.run()
    }
  },
})

function tell(ctx: Context, dir: string, data: string, url: string, isNew: boolean): void {
  const shown = relative(ctx.cwd, data) || data
  ctx.stdout.write(
    `Lockstep serves ${url}, its store in ${shown}/store\n` +
      (isNew ? `initialised with 5 key shares, 3 of which unseal it; unsealed\n` : `found its data again; unsealed\n`) +
      `\nWARNING: this is the try-it-out mode. The unseal keys and the root token lie beside the data they\n` +
      `protect (${relative(ctx.cwd, keyFileIn(data))}, ${relative(ctx.cwd, rootTokenFileIn(data))}, both mode 0600), and there is no TLS.\n` +
      `Never keep a secret in it that matters.\n\nManaged repository: ${dir}\n\n`,
  )
}

function tellHow(ctx: Context, data: string, url: string): void {
  const token = relative(ctx.cwd, rootTokenFileIn(data))
  ctx.stdout.write(
    `\nIn another terminal:\n\n` +
      `    export VAULT_ADDR=${url}\n` +
      `    bin/lockstep login - < ${token}\n` +
      `    bin/lockstep policy list\n` +
      `    bin/lockstep kv put secret/payments/db user=app password=example\n\n` +
      `Watching for commits. Change a file, commit it, and see what happens here. Ctrl-C stops.\n\n`,
  )
}
