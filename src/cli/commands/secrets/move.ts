import type { Command } from '../../command.ts'
import { moveCommand } from '../mount/move.ts'

export const command: Command = moveCommand(
  'secrets',
  'secrets engine',
  `
Move a secrets engine to another path, with all that it stores. Its leases are
revoked.

    $ {program} secrets move payments/ pay/
`,
)
