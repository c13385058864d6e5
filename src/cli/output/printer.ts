import { CommandFailed, type Context } from '../command.ts'
import type { Flag } from '../flag.ts'
import { flag } from '../flag.ts'
import { type Row, tableOf } from './columns.ts'
import { goText } from './go-text.ts'
import { prettyJson } from './json.ts'
import { fieldOf, orderedSecret, type Secret } from './secret.ts'
import { listTable, mapTable, secretTable } from './secret-table.ts'
import { wrapText } from './wrap-text.ts'
import { yamlOf } from './yaml.ts'

const FORMATS = ['table', 'json', 'yaml', 'yml', 'pretty', 'raw'] as const
export type Format = (typeof FORMATS)[number]

export interface FormatFlags {
  readonly format: Flag<string>
}
export interface FieldFlags {
  readonly field: Flag<string | undefined>
}
export interface DetailedFlags {
  readonly detailed: Flag<boolean>
}

const group = 'Output Options'

export const formatFlags: FormatFlags = {
  format: flag.string('How to print: "table", "json", "yaml" or "pretty"; "raw" (the reply as it came) for \'read\' alone.', {
    group,
    env: 'BAO_FORMAT',
    default: 'table',
  }),
}
export const fieldFlags: FieldFlags = {
  field: flag.string('Print this field alone, without a newline behind it when the output is no terminal. Goes before -format.', { group }),
}
export const detailedFlags: DetailedFlags = {
  detailed: flag.bool('Print what the server tells about each entry as well.', { group, env: 'BAO_DETAILED' }),
}

/** Writes results to stdout in the chosen format, and what is not a result to stderr. Its methods give the exit code. */
export interface Printer {
  readonly format: Format
  /** A line on stdout. */
  line(text: string): void
  /** A yellow line on stderr. */
  warn(text: string): void
  /** A line for a person: nothing where a machine reads. */
  success(text: string): number
  /** What the server warns of, on stderr. */
  warnings(secret: Secret): void
  secret(secret: Secret): number
  list(secret: Secret): number
  /** Any value; `table` is how it looks as one, where it is not a map of values. */
  data(value: unknown, table?: string): number
  /** One field of a reply, of a map, or of a status; `what` names the thing in the complaint that it has none. */
  field(value: unknown, name: string, what: string): number
  secretField(secret: Secret, name: string): number
}

/** @throws CommandFailed for a format that does not exist */
export function printerOf(ctx: Context, flags: { readonly format?: string; readonly detailed?: boolean }, allowRaw = false): Printer {
  const wanted = (flags.format ?? 'table').toLowerCase()
  const format = FORMATS.find(it => it === wanted)
  if (format === undefined) throw new CommandFailed(`Invalid output format: ${wanted}`)
  if (format === 'raw' && !allowRaw) throw new CommandFailed('This command does not support the -format=raw option.')

  const line = (text: string): void => ctx.stdout.write(`${text}\n`)
  const warn = (text: string): void => ctx.stderr.write(ctx.stderr.isTerminal && ctx.colour ? `\u001b[33m${text}\u001b[0m\n` : `${text}\n`)

  function warnings(secret: Secret): void {
    if ((secret.warnings ?? []).length === 0) return
    warn('WARNING! The following warnings were returned from the server:\n')
    for (const text of secret.warnings ?? []) warn(`${wrapText(`* ${text}`, 2)}\n`)
  }

  /** What a machine reads; undefined where a table is wanted. */
  function machine(value: unknown): string | undefined {
    if (format === 'json') return prettyJson(value)
    if (format === 'yaml' || format === 'yml') return yamlOf(value)
    if (format === 'pretty') throw new CommandFailed('Could not parse output: the pretty format does not know this type')
    return undefined
  }

  function show(text: string | undefined): number {
    if (text !== undefined) line(text)
    return 0
  }

  function raw(value: unknown): number {
    const text = format === 'yaml' || format === 'yml' ? `${yamlOf(value)}\n` : (machine(value) ?? goText(value))
    ctx.stdout.write(ctx.stdout.isTerminal ? `${text}\n` : text)
    return 0
  }

  function field(value: unknown, name: string, what: string): number {
    const found = (value as Readonly<Record<string, unknown>> | null)?.[name]
    if (found === null || found === undefined) throw new CommandFailed(`Field "${name}" not present in ${what}`)
    return raw(found)
  }

  return {
    format,
    line,
    warn,
    warnings,
    success(text) {
      if (format === 'table') line(text)
      return 0
    },
    secret(secret) {
      if (format !== 'table') return show(machine(orderedSecret(secret)))
      warnings(secret)
      return show(secretTable(secret))
    },
    list(secret) {
      const keys = (secret.data?.['keys'] ?? []) as readonly string[]
      if (format !== 'table') return show(machine(flags.detailed === true ? orderedSecret(secret) : keys))
      warnings(secret)
      const info = flags.detailed === true ? secret.data?.['key_info'] : undefined
      return keys.length === 0 ? 0 : show(listTable(keys, (info ?? {}) as Parameters<typeof listTable>[1]))
    },
    data(value, table) {
      return show(machine(value) ?? table ?? mapTable(value as Readonly<Record<string, unknown>>))
    },
    field,
    secretField(secret, name) {
      const found = fieldOf(secret, name)
      if (found === null || found === undefined) throw new CommandFailed(`Field "${name}" not present in secret`)
      if (format === 'table') warnings(secret)
      return raw(found)
    },
  }
}

/** A table whose heading is written `Path | Type | Description`. */
export const table = (heading: string, rows: readonly Row[]): string => tableOf(heading.split(' | '), rows)
