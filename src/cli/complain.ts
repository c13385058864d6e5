import type { Context } from './command.ts'

/** A message on stderr: red on a terminal that wants colour. */
export function complain(ctx: Context, message: string): void {
  ctx.stderr.write(ctx.stderr.isTerminal && ctx.colour ? `\u001b[31m${message}\u001b[0m\n` : `${message}\n`)
}
