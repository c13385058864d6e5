import { CommandFailed, type Context } from '../../command.ts'

export interface GivenShare {
  readonly key: string
  readonly nonce: string
}

/**
 * A share for an attempt that goes on: from the argument, from stdin for `-`, or asked for without showing it. What is given on the
 * command line needs the nonce too, so that it cannot reach an attempt that somebody else has started meanwhile.
 * @throws CommandFailed
 */
export async function givenShare(
  ctx: Context,
  {
    argument,
    nonce,
    current,
    title,
    interactive,
  }: { argument: string | undefined; nonce: string; current: string; title: string; interactive: boolean },
): Promise<GivenShare> {
  const given = argument?.trim() ?? ''
  if (given === '') {
    if (!interactive) throw new CommandFailed('-non-interactive forbids to ask for the key; give it as an argument')
    ctx.stderr.write(`${title} nonce: ${current}\n`)
    return { key: (await ctx.stdin.ask('Unseal Key (will be hidden): ', { secret: true })).trim(), nonce: current }
  }
  if (nonce === '') throw new CommandFailed('Missing nonce value: specify it via the -nonce flag')
  return { key: given === '-' ? (await ctx.stdin.text()).trim() : given, nonce }
}
