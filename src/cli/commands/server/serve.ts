import { readFile, rm, writeFile } from 'node:fs/promises'
import {
  createHttpHandler,
  createServer,
  defaultLimits,
  listen,
  type Listener,
  type ListenerConfig,
  ListenRefused,
  isFault,
  type Product,
  SealError,
  type Server,
  type ServerConfig,
  StorageError,
  TlsFilesRefused,
} from '../../../server/index.ts'
import { CommandFailed, type Context } from '../../command.ts'
import type { LogSink } from './log-sink.ts'

/** The API that is spoken, as clients ask for it. */
export const API_VERSION = '2.7.2'

export async function productFacts(): Promise<Product> {
  const text = await readFile(new URL('../../../../package.json', import.meta.url), 'utf8')
  return { version: API_VERSION, lockstepVersion: (JSON.parse(text) as { readonly version: string }).version }
}

/** How long requests that run may still take when the server is told to end. */
const PATIENCE_MS = 10_000

/** Undoes what has been set up, last first. */
export class Undo {
  readonly #steps: (() => Promise<unknown>)[] = []

  add(step: () => Promise<unknown>): void {
    this.#steps.push(step)
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step()
  }
}

/** @throws CommandFailed */
/** What of the configuration is needed here; where its words stand in a file is not. */
type ServerPart = Pick<ServerConfig, 'clusterName' | 'defaultLeaseTtl' | 'maxLeaseTtl' | 'audit' | 'apiAuditCreation' | 'auditPrefixes'> &
  Partial<Pick<ServerConfig, 'seals' | 'userLockout' | 'leaseRevocationHorizon'>> & {
    readonly storage: Omit<ServerConfig['storage'], 'at'>
  }

export async function openServer(ctx: Context, config: ServerPart, log: LogSink, undo: Undo, apiAddress?: () => string): Promise<Server> {
  try {
    const server = await createServer({
      storage: config.storage,
      seals: config.seals ?? [],
      environment: name => ctx.env[name],
      log,
      clock: ctx.clock,
      random: ctx.random,
      version: API_VERSION,
      ...(apiAddress && { apiAddress }),
      clusterName: config.clusterName,
      defaultLeaseTtl: config.defaultLeaseTtl,
      maxLeaseTtl: config.maxLeaseTtl,
      leaseRevocationHorizon: config.leaseRevocationHorizon,
      audit: { devices: config.audit, apiCreation: config.apiAuditCreation, prefixAllowed: config.auditPrefixes },
      ...(config.userLockout && { userLockout: config.userLockout }),
    })
    undo.add(() => server.core.close())
    return server
  } catch (thrown) {
    if (thrown instanceof SealError) throw new CommandFailed(`cannot set up the seal: ${thrown.message}`, 1, { cause: thrown })
    if (isFault(thrown)) throw new CommandFailed(`the server cannot start: ${thrown.wire.join('; ')}`, 1, { cause: thrown })
    if (thrown instanceof StorageError) throw new CommandFailed(`cannot open the store: ${thrown.message}`, 1, { cause: thrown })
    throw thrown
  }
}

const milliseconds = (span: number | undefined): number | undefined => (span === undefined ? undefined : span * 1000)

/** Leaves out what is undefined. */
function given<T extends object>(values: { readonly [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, it]) => it !== undefined)) as T
}

/** @throws CommandFailed */
export async function openListener(
  ctx: Context,
  server: Server,
  listener: Omit<ListenerConfig, 'at'>,
  product: Product,
  log: LogSink,
  undo: Undo,
): Promise<Listener> {
  const handler = createHttpHandler({
    core: server.core,
    clock: ctx.clock,
    random: ctx.random,
    log,
    product,
    requireRequestHeader: listener.requireRequestHeader,
    withoutToken: listener.withoutToken,
    limits: given({
      maxRequestSize: listener.maxRequestSize,
      maxRequestJsonMemory: listener.maxRequestJsonMemory,
      maxRequestJsonStrings: listener.maxRequestJsonStrings,
      maxRequestDuration: milliseconds(listener.maxRequestDuration || undefined),
    }),
    ...(listener.forwardedFor !== undefined && { forwardedFor: listener.forwardedFor }),
  })
  try {
    const opened = await listen({
      address: listener.address,
      handler,
      clock: ctx.clock,
      log,
      timeouts: given({
        readHeader: milliseconds(listener.readHeaderTimeout),
        read: milliseconds(listener.readTimeout),
        idle: milliseconds(listener.idleTimeout),
      }),
      maxRequestSize: listener.maxRequestSize ?? defaultLimits.maxRequestSize,
      ...(listener.maxConnections !== undefined && { maxConnections: listener.maxConnections }),
      ...(listener.tls !== undefined && { tls: listener.tls }),
    })
    undo.add(() => opened.close(PATIENCE_MS))
    return opened
  } catch (thrown) {
    if (thrown instanceof ListenRefused || thrown instanceof TlsFilesRefused) throw new CommandFailed(thrown.message, 1, { cause: thrown })
    throw thrown
  }
}

export async function writePidFile(path: string, undo: Undo): Promise<void> {
  try {
    await writeFile(path, `${process.pid}\n`, { mode: 0o644 })
  } catch (cause) {
    throw new CommandFailed(`cannot write pid_file ${path}: ${(cause as Error).message}`, 1, { cause })
  }
  undo.add(() => rm(path, { force: true }))
}

/** Calls `work` at each SIGHUP, one call at a time, until it is undone. */
export function onHangUp(work: () => Promise<void>, undo: Undo): void {
  let turn = Promise.resolve()
  const called = (): void => void (turn = turn.then(work))
  process.on('SIGHUP', called)
  undo.add(async () => {
    process.off('SIGHUP', called)
    await turn
  })
}
