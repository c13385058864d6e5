import { nearest } from '../kernel/index.ts'
import { CommandFailed, type Context, type Surroundings } from './command.ts'
import { complain } from './complain.ts'
import { entries as builtIn, type Entry } from './command-table.ts'
import { InsteadOfRequest } from './dry-request.ts'
import { commandHelp, groupHelp, programHelp } from './help.ts'
import { HelpWanted, parseArgs } from './parse.ts'

/** What a shell says for a command that does not exist, and what the field's tools say for one they do not know. */
const NO_SUCH_COMMAND = 127

const HELP = new Set(['-h', '-help', '--help', '--h'])

interface Found {
  readonly entry: Entry | undefined
  readonly rest: readonly string[]
}

/** The longest run of leading words that names an entry. Flags before the command are handed on to it. */
function find(entries: readonly Entry[], argv: readonly string[]): Found {
  const first = argv.findIndex(it => !it.startsWith('-') || it === '-')
  const start = first < 0 ? argv.length : first
  for (let end = Math.min(argv.length, start + 4); end > start; end--) {
    const words = argv.slice(start, end)
    const name = words.join(' ')
    const entry = entries.find(it => it.name === name)
    if (entry !== undefined) return { entry, rest: [...argv.slice(0, start), ...argv.slice(end)] }
  }
  return { entry: undefined, rest: argv }
}

function unknown(ctx: Context, word: string | undefined, entries: readonly Entry[], help: string): void {
  const near =
    word === undefined
      ? undefined
      : nearest(
          word,
          entries.map(it => it.name.split(' ').at(-1) as string),
        )
  if (word !== undefined) complain(ctx, `unknown command: ${word}${near === undefined ? '' : `; did you mean ${near}?`}\n`)
  ctx.stderr.write(`${help}\n`)
}

async function runCommand(ctx: Context, entry: Entry, argv: readonly string[]): Promise<number> {
  const { command } = await (entry.load as NonNullable<Entry['load']>)()
  try {
    return await command.run(ctx, parseArgs(command.flags, argv, ctx.env, command.passesOn))
  } catch (thrown) {
    if (thrown instanceof HelpWanted) {
      ctx.stdout.write(`${commandHelp(ctx.program, command)}\n`)
      return 0
    }
    if (thrown instanceof InsteadOfRequest) {
      ctx.stdout.write(`${thrown.output}\n`)
      return 0
    }
    throw thrown
  }
}

/** Runs one command line and gives its exit code. Never rejects. */
export async function dispatch(surroundings: Surroundings, argv: readonly string[], entries: readonly Entry[] = builtIn): Promise<number> {
  const endings: (() => Promise<void>)[] = []
  const atEnd = { value: (work: () => Promise<void>): void => void endings.push(work), enumerable: true }
  const ctx = Object.create(surroundings, { atEnd }) as Context
  try {
    return await dispatchTo(ctx, argv, entries)
  } finally {
    for (const work of endings.toReversed()) await work()
  }
}

async function dispatchTo(ctx: Context, argv: readonly string[], entries: readonly Entry[]): Promise<number> {
  const words = argv.length === 1 && /^--?v(ersion)?$/.test(argv[0] as string) ? ['version'] : argv
  const { entry, rest } = find(entries, words)
  const wantsHelp = rest.some(it => HELP.has(it))
  try {
    if (entry?.load !== undefined) return await runCommand(ctx, entry, rest)
    const word = rest.find(it => !it.startsWith('-'))
    if (entry !== undefined) {
      const children = entries.filter(it => it.name.startsWith(`${entry.name} `) && !it.name.slice(entry.name.length + 1).includes(' '))
      const help = groupHelp(ctx.program, entry, children)
      if (wantsHelp) ctx.stdout.write(`${help}\n`)
      else unknown(ctx, word, children, help)
      return wantsHelp ? 0 : 1
    }
    const shown = entries.filter(it => it.job !== undefined)
    const help = programHelp(ctx.program, shown)
    if (wantsHelp) ctx.stdout.write(`${help}\n`)
    else unknown(ctx, word, shown, help)
    return wantsHelp ? 0 : NO_SUCH_COMMAND
  } catch (thrown) {
    if (thrown instanceof CommandFailed) {
      complain(ctx, thrown.message)
      return thrown.exitCode
    }
    // A mistake in this program: its stack is what a report needs.
    complain(ctx, `internal error: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`)
    return 1
  }
}
