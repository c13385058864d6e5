import { type Diagnostic, invariant, type LogLevel } from '../../../kernel/index.ts'
import { auditDevices, type ConfigFile, loadConfig, readConfigFile, seals, type ServerConfig, storages } from '../../../server/index.ts'
import { CommandFailed, type Env } from '../../command.ts'
import { readEnv } from '../../parse.ts'
import type { LogFormat } from './log-sink.ts'

export interface SettingsWish {
  readonly paths: readonly string[]
  readonly dev: boolean
  readonly devAddress: string
  /** The files of its certificate, where it is to have one. */
  readonly devTls?: { readonly certFile: string; readonly keyFile: string } | undefined
  readonly logLevel: string | undefined
  readonly logFormat: string | undefined
  readonly logFile: string | undefined
}

/** How the server is to run: the files, and what the command line and the environment put above them. */
export interface Settings {
  readonly config: ServerConfig
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  readonly logFile: string | undefined
  /** What was found that is no error. */
  readonly notes: readonly Diagnostic[]
}

const known = { storages: Object.values(storages), seals: Object.values(seals), auditTypes: Object.keys(auditDevices) }

const LEVELS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']
const FORMATS: readonly LogFormat[] = ['standard', 'json']

/** @throws CommandFailed with every error that the files have */
export async function loadSettings(wish: SettingsWish, env: Env): Promise<Settings> {
  const logLevel = choice('log-level', wish.logLevel, LEVELS)
  const logFormat = choice('log-format', wish.logFormat, FORMATS)
  const base = wish.dev ? devConfig(wish) : undefined
  const { value: config, findings } = await loadConfig({ paths: wish.paths, ...(base && { base }), known })
  if (config === undefined)
    throw new CommandFailed(
      `the server cannot be configured:\n\n${findings
        .filter(it => it.severity === 'error')
        .map(shown)
        .join('\n')}`,
    )
  const apiAddr = fromEnv(env, 'BAO_API_ADDR')
  const clusterAddr = fromEnv(env, 'BAO_CLUSTER_ADDR')
  return {
    config: { ...config, ...(apiAddr !== undefined && { apiAddr }), ...(clusterAddr !== undefined && { clusterAddr }) },
    logLevel: logLevel ?? config.logLevel ?? 'info',
    logFormat: logFormat ?? config.logFormat ?? 'standard',
    logFile: wish.logFile ?? config.logFile,
    notes: findings.filter(it => it.severity !== 'error'),
  }
}

function choice<T extends string>(name: string, given: string | undefined, choices: readonly T[]): T | undefined {
  if (given === undefined || given === '') return undefined
  const word = given.trim().toLowerCase()
  const found = choices.find(it => it === (word === 'warning' ? 'warn' : word === 'err' ? 'error' : word))
  if (found === undefined) throw new CommandFailed(`invalid value for flag -${name}: expected one of ${choices.join(', ')}`)
  return found
}

/** @throws CommandFailed */
export const logLevelOf = (given: string): LogLevel => choice('log-level', given, LEVELS) ?? 'info'
/** @throws CommandFailed */
export const logFormatOf = (given: string): LogFormat => choice('log-format', given, FORMATS) ?? 'standard'

const fromEnv = (env: Env, name: string): string | undefined => {
  const value = readEnv(env, name)
  return value === undefined || value === '' ? undefined : value
}

/** `server.hcl:3:5: error: …`, with what to do on a line of its own. */
export function shown({ severity, summary, detail, at, code }: Diagnostic): string {
  const place = at === undefined ? '' : `${at.file}:${at.start.line}:${at.start.column}: `
  return `${place}${severity}: ${summary} (${code})${detail === undefined ? '' : `\n    ${detail}`}`
}

/** Where a development server begins; files may add to it. */
function devConfig({ devAddress, devTls }: SettingsWish): ConfigFile {
  const listener = {
    address: devAddress,
    ...(devTls === undefined ? { tls_disable: true } : { tls_cert_file: devTls.certFile, tls_key_file: devTls.keyFile }),
  }
  const words = Object.entries(listener).map(([word, value]) => `  ${word} = ${JSON.stringify(value)}\n`)
  const text = `storage "inmem" {}\nlistener "tcp" {\n${words.join('')}}\n`
  const { value, findings } = readConfigFile({ name: '-dev-listen-address', text }, known)
  if (value === undefined) throw new CommandFailed(findings.map(shown).join('\n'))
  invariant(value.listeners.length === 1, 'a development server has a listener')
  return value
}
