import { nearest } from '../kernel/index.ts'
import { CommandFailed, type Env, type Given } from './command.ts'
import { flagName, type Flag, type Flags } from './flag.ts'

/** Thrown for `-h`, `-help`, `--help`: not a failure, but it ends the parsing. */
export class HelpWanted extends Error {}

interface Named {
  readonly key: string
  readonly flag: Flag<unknown>
}

function byName(flags: Flags): ReadonlyMap<string, Named> {
  const names = new Map<string, Named>()
  for (const [key, flag] of Object.entries(flags)) for (const name of [flagName(key), ...flag.aliases]) names.set(name, { key, flag })
  return names
}

/** The BAO_ variable counts even when it is empty; only when it is not set at all does the VAULT_ one. */
export function readEnv(env: Env, name: string): string | undefined {
  return env[name] ?? (name.startsWith('BAO_') ? env[`VAULT_${name.slice(4)}`] : undefined)
}

function unknownFlag(name: string, names: ReadonlyMap<string, Named>): CommandFailed {
  const near = nearest(
    name,
    [...names].filter(([, it]) => !it.flag.hidden).map(([it]) => it),
  )
  return new CommandFailed(`flag provided but not defined: -${name}${near === undefined ? '' : `; did you mean -${near}?`}`)
}

/**
 * Reads flags and arguments. One dash or two, `-flag=value` or `-flag value`, before or after the arguments; a lone `-` is an
 * argument (stdin), and all behind `--` are.
 * @param passesOn all from the first argument on is meant for another program
 * @throws CommandFailed, HelpWanted
 */
export function parseArgs(flags: Flags, argv: readonly string[], env: Env, passesOn = false): Given<Flags> {
  const names = byName(flags)
  const values: Record<string, unknown> = {}
  const set = new Set<string>()
  const args: string[] = []
  for (const [key, flag] of Object.entries(flags)) {
    const text = flag.env === undefined ? undefined : readEnv(env, flag.env)
    values[key] = text === undefined || text === '' ? flag.initial : (flag.read(text, flag.initial) ?? flag.initial)
  }
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i] as string
    if (word === '--') {
      args.push(...argv.slice(i + 1))
      break
    }
    const match = /^--?([^-=][^=]*)(?:=([^]*))?$/.exec(word)
    if (match === null) {
      if (word.startsWith('-') && word !== '-') throw new CommandFailed(`bad flag syntax: ${word}`)
      if (passesOn) {
        args.push(...argv.slice(i))
        break
      }
      args.push(word)
      continue
    }
    const name = match[1] as string
    const named = names.get(name)
    if (named === undefined) {
      if (name === 'h' || name === 'help') throw new HelpWanted()
      throw unknownFlag(name, names)
    }
    const { key, flag } = named
    let text = match[2]
    if (text === undefined && flag.value === undefined) text = 'true'
    if (text === undefined) {
      text = argv[++i]
      if (text === undefined) throw new CommandFailed(`flag needs an argument: -${name}`)
    }
    const value = flag.read(text, set.has(key) ? values[key] : flag.initial)
    // The text itself is not echoed: it may be a secret that landed in the wrong place.
    if (value === undefined) throw new CommandFailed(`invalid value for flag -${name}: expected ${flag.value ?? 'true or false'}`)
    values[key] = value
    set.add(key)
  }
  return { flags: values, args, set }
}
