import type { Client } from '../../../client/index.ts'
import { attempt, secretOf, send } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { columns, formatFlags, goText, printerOf, type Shape, shaped } from '../../output/index.ts'

const keyShape: Shape = [
  { name: 'term', kind: 'number' },
  { name: 'install_time', kind: 'text' },
  { name: 'encryptions', kind: 'number' },
]

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
const two = (count: number): string => String(count).padStart(2, '0')

/** `24 Nov 26 18:29 UTC` (RFC 822), which is how the field's table shows it. */
function rfc822(time: string): string {
  const at = new Date(time)
  if (Number.isNaN(at.getTime())) return time
  return `${two(at.getUTCDate())} ${MONTHS[at.getUTCMonth()] ?? ''} ${two(at.getUTCFullYear() % 100)} ${two(at.getUTCHours())}:${two(at.getUTCMinutes())} UTC`
}

export interface KeyStatus {
  readonly fields: Readonly<Record<string, unknown>>
  readonly table: string
}

/** Which key encrypts what is written now, and how much it has encrypted. */
export async function readKeyStatus(client: Client): Promise<KeyStatus> {
  const secret = await attempt('Error reading key status', async () =>
    secretOf(await send(client, { method: 'GET', path: 'sys/key-status' })),
  )
  if (!secret?.data) throw new CommandFailed('Error reading key status: data from server response is empty', 2)
  const fields = shaped(secret.data, keyShape)
  const table = columns([
    ['Key Term', goText(fields['term'])],
    ['Install Time', rfc822(goText(fields['install_time']))],
    ['Encryption Count', goText(fields['encryptions'])],
  ])
  return { fields, table }
}

export const command: Command = defineCommand({
  usage: 'operator key-status [options]',
  about: `
Print the term of the key that encrypts what is written, since when it is in
use, and how often it was used.

    $ {program} operator key-status
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const { fields, table } = await readKeyStatus(await connect(ctx, flags))
    return out.data(fields, table)
  },
})
