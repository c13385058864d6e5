import type { Listener, Server } from '../../server/index.ts'
import { type Command, CommandFailed, type Context, defineCommand, type Given } from '../command.ts'
import { complain } from '../complain.ts'
import { flag } from '../flag.ts'
import { tokenStore } from '../token-store.ts'
import { configurationBanner, devBanner, STARTED } from './server/banner.ts'
import { type DevKeys, makeDev } from './server/dev.ts'
import { type DevTls, makeDevTls } from './server/dev-tls.ts'
import { createLogSink, type LogSink } from './server/log-sink.ts'
import { onHangUp, openListener, openServer, productFacts, Undo, writePidFile } from './server/serve.ts'
import { loadSettings, type Settings, type SettingsWish, shown } from './server/settings.ts'

const dev = { group: 'Dev Options' } as const
const reconciling = { group: 'Reconcile Options' } as const

const flags = {
  config: flag.strings('A configuration file, or a folder of them (*.hcl, *.json); may be repeated.', { env: 'BAO_CONFIG_PATH' }),
  exitOnCoreShutdown: flag.bool('End when the core has shut down. It never does so alone.'),
  logFile: flag.string('Write the log to this file too.'),
  logFormat: flag.string('The form of the log: "standard" or "json".', { env: 'BAO_LOG_FORMAT' }),
  logLevel: flag.string('What to log: "trace", "debug", "info", "warn" or "error".', { env: 'BAO_LOG_LEVEL' }),
  reconcile: flag.string('Keep the server in lockstep with this repository: a managed folder, or what "git clone" takes.', reconciling),
  reconcileConfig: flag.string('How that is done: the settings of "watch -config".', reconciling),
  dev: flag.bool('Run a development server: in memory, unsealed, with a root token. Never for real secrets.', dev),
  devListenAddress: flag.string('Where the development server listens.', {
    ...dev,
    env: 'BAO_DEV_LISTEN_ADDRESS',
    default: '127.0.0.1:8200',
  }),
  devNoStoreToken: flag.bool('Do not store the root token where later commands look for one.', dev),
  devTls: flag.bool('As -dev, and with TLS: a CA, a certificate and a key are made for it.', dev),
  devTlsCertDir: flag.string('Where the files of -dev-tls are written. A temporary folder when it is not said.', dev),
  devRootTokenId: flag.string('The root token of the development server.', { ...dev, env: 'BAO_DEV_ROOT_TOKEN_ID' }),
  devNoKv: flag.bool('Mount no secrets engine at secret/.', { ...dev, hidden: true }),
  devKvV1: flag.bool('Mount version 1 of the KV engine at secret/.', { ...dev, hidden: true }),
} as const

type Flags = Given<typeof flags>['flags']

function wishOf({ config, dev, devTls, devListenAddress, logLevel, logFormat, logFile }: Flags, tls?: DevTls): SettingsWish {
  if (!dev && !devTls && config.length === 0) throw new CommandFailed('a server needs -config=FILE, or -dev to try it out')
  return { paths: config, dev: dev || devTls, devAddress: devListenAddress, devTls: tls, logLevel, logFormat, logFile }
}

/** The address that clients are told when nobody said one. */
function apiAddressOf({ config }: Settings, [first]: readonly Listener[]): string {
  if (config.apiAddr !== undefined) return config.apiAddr
  const [listener] = config.listeners
  if (first === undefined || listener === undefined || 'path' in listener.address) return `unix://${first?.address ?? ''}`
  return `${listener.tls === undefined ? 'http' : 'https'}://${first.address.replace(/^(\[::\]|0\.0\.0\.0):/, '127.0.0.1:')}`
}

async function storeToken(ctx: Context, apiAddress: string, { rootToken }: DevKeys, { devNoStoreToken }: Flags): Promise<boolean> {
  if (devNoStoreToken) return false
  try {
    await (await tokenStore(ctx, apiAddress)).set(rootToken)
    return true
  } catch (thrown) {
    complain(ctx, `the root token could not be stored: ${(thrown as Error).message}`)
    return false
  }
}

async function serve(ctx: Context, flags: Flags, settings: Settings, tls: DevTls | undefined, log: LogSink, undo: Undo): Promise<void> {
  const { config } = settings
  const listeners: Listener[] = []
  // Before anybody can know of the server, since a signal that nobody listens for ends it.
  const running: { server?: Server } = {}
  onHangUp(() => reload(ctx, wishOf(flags, tls), { listeners, ...running }, log), undo)
  const product = await productFacts()
  const server = (running.server = await openServer(ctx, config, log, undo, () => apiAddressOf(settings, listeners)))
  const keys =
    flags.dev || flags.devTls
      ? await makeDev(server.core, {
          rootTokenId: flags.devRootTokenId,
          kv: flags.devNoKv ? 'none' : flags.devKvV1 ? '1' : '2',
          random: ctx.random,
          signal: ctx.signal,
        })
      : undefined
  for (const listener of config.listeners) listeners.push(await openListener(ctx, server, listener, product, log, undo))
  if (config.pidFile !== undefined) await writePidFile(config.pidFile, undo)
  const apiAddress = apiAddressOf(settings, listeners)
  const { version: apiVersion, lockstepVersion: version } = product
  const addresses = listeners.map(it => it.address)
  ctx.stdout.write(
    configurationBanner({ config, addresses, apiAddress, logLevel: settings.logLevel, version, apiVersion, node: process.version }),
  )
  for (const note of settings.notes) log.write('warn', shown(note))
  ctx.stdout.write(STARTED)
  if (keys !== undefined)
    ctx.stdout.write(devBanner(ctx.program, apiAddress, tls?.caFile, keys, await storeToken(ctx, apiAddress, keys, flags)))
  if (flags.reconcile !== undefined || flags.reconcileConfig !== undefined) {
    const target = { address: apiAddress, ...(keys && { token: keys.rootToken }), ...(tls && { caFile: tls.caFile }) }
    // Loaded for those who ask for it: a server alone starts faster without.
    const { reconcileWithin } = await import('./server/reconcile.ts')
    await reconcileWithin(ctx, { from: flags.reconcile, config: flags.reconcileConfig }, target, server, log, undo)
  }
}

interface Reloaded {
  readonly listeners: readonly Listener[]
  readonly server?: Server
}

/** Certificates, the log's level and its file, the audit devices and their files; all else stands until the next start. */
async function reload(ctx: Context, wish: SettingsWish, { listeners, server }: Reloaded, log: LogSink): Promise<void> {
  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (thrown) {
      log.write('error', `${what}, what was there stays in force`, { error: (thrown as Error).message })
    }
  }
  await attempt('the log file cannot be opened', () => log.reopen())
  log.write('info', 'reloading')
  await attempt('the configuration cannot be followed', async () => {
    const { logLevel, config } = await loadSettings(wish, ctx.env)
    log.setLevel(logLevel)
    await server?.reloadAudit(config.audit)
  })
  for (const it of listeners) await attempt(`the certificate of ${it.address} cannot be used`, () => it.reload())
  log.write('info', 'reloaded')
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

async function openLog(ctx: Context, { logLevel: level, logFormat: format, logFile: file }: Settings): Promise<LogSink> {
  try {
    return await createLogSink({ level, format, file, clock: ctx.clock, write: text => ctx.stderr.write(text) })
  } catch (cause) {
    throw new CommandFailed(`cannot open the log file: ${(cause as Error).message}`, 1, { cause })
  }
}

export const command: Command = defineCommand({
  usage: 'server [options]',
  about: `
Run a server. It starts sealed, unless it is a development server: initialise it
once ("{program} operator init"), and unseal it at each start.

Start a server with a configuration file:

    $ {program} server -config=/etc/lockstep/server.hcl

Try things out:

    $ {program} server -dev -dev-root-token-id=root

Keep it in lockstep with a repository, from its own process and over its own API:

    $ {program} server -config=server.hcl -reconcile=https://git.example.org/vault.git

The token for that is the one of the environment (VAULT_TOKEN), or of the login that
lockstep.yaml describes.

SIGHUP makes it read its certificates, the log level and the audit devices anew, and
open its log and audit files again. SIGTERM and SIGINT end it when the requests that run are answered.
`,
  flags,
  async run(ctx, { flags, args }) {
    if (args.length > 0) throw new CommandFailed(`server takes no arguments (got ${args.length})`)
    const undo = new Undo()
    try {
      // Asked for before anything is set up, so that a signal from here on ends it in order.
      const stopped = aborted(ctx.signal)
      const tls = flags.devTls ? await makeDevTls(ctx, flags.devTlsCertDir, flags.devListenAddress, undo) : undefined
      const settings = await loadSettings(wishOf(flags, tls), ctx.env)
      const log = await openLog(ctx, settings)
      undo.add(() => log.close())
      await serve(ctx, flags, settings, tls, log, undo)
      await stopped
      ctx.stdout.write('==> Lockstep server shutdown triggered\n')
      return 0
    } finally {
      await undo.run()
    }
  },
})
