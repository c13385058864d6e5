import type { Command } from '../../command.ts'
import { moveCommand } from '../mount/move.ts'

export const command: Command = moveCommand(
  'auth',
  'auth method',
  `
Move an auth method to another path, with its roles and users. The tokens it
gave are revoked.

    $ {program} auth move auth/staff/ auth/people/
`,
)
