import { readFile } from 'node:fs/promises'
import { isAbsolute, resolve } from 'node:path'
import { nativeNumber, parseJson } from '../../kernel/index.ts'
import { CommandFailed, type Context } from '../command.ts'
import { byBytes, goText } from '../output/index.ts'

export type Data = Readonly<Record<string, unknown>>

/** What a command's arguments may be read from. Stdin can be read once, by one argument; `-non-interactive` takes it away. */
interface Source {
  file(path: string): Promise<string>
  stdin(): Promise<string>
}

function sourceOf(ctx: Context, nonInteractive: boolean): Source {
  let consumed = false
  return {
    file: path => readFile(isAbsolute(path) ? path : resolve(ctx.cwd, path), 'utf8'),
    async stdin() {
      if (consumed) throw new Error('stdin was read already')
      consumed = true
      return nonInteractive ? '' : await ctx.stdin.text()
    },
  }
}

/** The first JSON value of a text; what follows it is ignored, as the field's tools do. */
function firstObject(text: string): Data {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    value = leading(text, cause)
  }
  if (value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw new Error('expected a JSON object')
  return value as Data
}

function leading(text: string, cause: unknown): unknown {
  if (text.trim() === '') throw new Error('expected a JSON object, found nothing', { cause })
  for (let end = text.indexOf('}'); end >= 0; end = text.indexOf('}', end + 1)) {
    try {
      return parseJson(text.slice(0, end + 1))
    } catch {
      // not yet the end of the object
    }
  }
  // The parser's own message would show a piece of the text, which may be a secret.
  throw new Error('not valid JSON', { cause })
}

async function valueOf(source: Source, raw: string): Promise<string> {
  if (raw === '-') return await source.stdin()
  if (raw.startsWith('@')) return await source.file(raw.slice(1))
  return raw.startsWith('\\@') ? raw.slice(1) : raw
}

const why = (thrown: unknown): string => {
  const { code, message } = thrown as NodeJS.ErrnoException
  return code === 'ENOENT' ? 'no such file' : message
}

/** What is said of an argument that cannot be read names the key alone: the value may be a secret. */
const nameOf = (arg: string): string => (arg.includes('=') ? `${arg.slice(0, arg.indexOf('='))}=…` : arg)

/**
 * `k=v`, `k=@file`, `k=-` (stdin), `k=\@text`, `@file.json`, `-` (JSON on stdin). A key given twice becomes a list. The keys
 * come out in order.
 * @throws CommandFailed
 */
export async function pairsOf(
  ctx: Context,
  args: readonly string[],
  how: { readonly nonInteractive: boolean; readonly what?: string },
): Promise<Data> {
  const source = sourceOf(ctx, how.nonInteractive)
  const made = Object.create(null) as Record<string, unknown>
  for (const arg of args) {
    if (arg === '') continue
    try {
      const at = arg.indexOf('=')
      if (at < 0) {
        if (arg !== '-' && !arg.startsWith('@')) throw new Error('format must be key=value')
        Object.assign(made, firstObject(arg === '-' ? await source.stdin() : await source.file(arg.slice(1))))
        continue
      }
      const key = arg.slice(0, at)
      const value = await valueOf(source, arg.slice(at + 1))
      const before = made[key]
      made[key] = before === undefined ? value : [...(Array.isArray(before) ? (before as unknown[]) : [before]), value]
    } catch (cause) {
      throw new CommandFailed(`${how.what ?? 'Failed to parse K=V data'}: "${nameOf(arg)}": ${why(cause)}`, 1, { cause })
    }
  }
  return Object.fromEntries(
    Object.keys(made)
      .sort(byBytes)
      .map(key => [key, made[key]]),
  )
}

/** A value where only text fits: booleans become 1 and 0, as the field's weak conversion has it. */
function textOf(key: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0'
  if (value === null) return ''
  if (typeof value === 'object' && nativeNumber(value) === value)
    throw new CommandFailed(`Failed to parse K=V data: "${key}" is neither text nor a number`)
  return goText(value)
}

export const textPairs = (data: Data): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, textOf(key, value)]))

/** For a query, where a key may stand several times. */
export const listPairs = (data: Data): Readonly<Record<string, readonly string[]>> =>
  Object.fromEntries(Object.entries(data).map(([key, value]) => [key, [value].flat().map(it => textOf(key, it))]))
