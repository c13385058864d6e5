import { CommandFailed } from '../command.ts'

/** Checks how many arguments there are. `said` is how the message calls the number, such as "0-1". */
export function expectArgs(args: readonly string[], least: number, most: number = least, said: string = String(least)): void {
  if (args.length < least) throw new CommandFailed(`Not enough arguments (expected ${said}, got ${args.length})`)
  if (args.length > most) throw new CommandFailed(`Too many arguments (expected ${said}, got ${args.length})`)
}
