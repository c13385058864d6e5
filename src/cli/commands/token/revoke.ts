import type { ClientRequest } from '../../../client/index.ts'
import { attempt, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { printerOf } from '../../output/index.ts'

interface How {
  readonly self: boolean
  readonly accessor: boolean
  readonly mode: string
}

function check({ self, accessor, mode }: How, count: number): void {
  if (!['', 'orphan', 'path'].includes(mode)) throw new CommandFailed(`Invalid mode: ${mode}`)
  if (self && count > 0) throw new CommandFailed(`Too many arguments with -self (expected 0, got ${count})`)
  if (!self && count > 1) throw new CommandFailed(`Too many arguments (expected 1 or -self, got ${count})`)
  if (!self && count < 1) throw new CommandFailed(`Not enough arguments (expected 1 or -self, got ${count})`)
  if (self && accessor) throw new CommandFailed('Cannot use -self with -accessor!')
  if (self && mode !== '') throw new CommandFailed('Cannot use -self with -mode!')
  if (accessor && mode !== '') throw new CommandFailed(`Cannot use -accessor with -mode=${mode}!`)
}

function requestOf({ self, accessor, mode }: How, given: string): ClientRequest {
  if (self) return { method: 'PUT', path: 'auth/token/revoke-self' }
  if (accessor) return { method: 'POST', path: 'auth/token/revoke-accessor', body: { accessor: given } }
  if (mode === 'orphan') return { method: 'PUT', path: 'auth/token/revoke-orphan', body: { token: given } }
  if (mode === 'path') return { method: 'PUT', path: `sys/leases/revoke-prefix/${given}` }
  return { method: 'PUT', path: 'auth/token/revoke', body: { token: given } }
}

export const command: Command = defineCommand({
  usage: 'token revoke [options] [TOKEN | ACCESSOR]',
  about: `
Revoke a token with all its children and all leases it holds.

    $ {program} token revoke TOKEN
    $ {program} token revoke -accessor ACCESSOR
    $ {program} token revoke -self
`,
  flags: {
    ...connectionFlags,
    accessor: flag.bool('The argument is an accessor.'),
    self: flag.bool('Revoke the token in use.'),
    mode: flag.string('"orphan" lets the children live, "path" takes the argument for a prefix of the paths that tokens were created at.'),
  },
  async run(ctx, { flags, args }) {
    const how = { self: flags.self, accessor: flags.accessor, mode: flags.mode ?? '' }
    check(how, args.length)
    const client = await connect(ctx, flags)
    await attempt('Error revoking token', () => send(client, requestOf(how, (args[0] ?? '').trim())))
    printerOf(ctx, {}).line('Success! Revoked token (if it existed)')
    return 0
  },
})
