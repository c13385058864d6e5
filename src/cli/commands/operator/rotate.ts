import type { Client } from '../../../client/index.ts'
import { attempt, RequestFailed, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, printerOf } from '../../output/index.ts'
import { readKeyStatus } from './key-status.ts'

/** OpenBao's path of it; HashiCorp Vault knows only the older one. */
async function rotateKeyring(client: Client): Promise<void> {
  try {
    await send(client, { method: 'POST', path: 'sys/rotate/keyring' })
  } catch (thrown) {
    if (!(thrown instanceof RequestFailed) || (thrown.status !== 404 && thrown.status !== 405)) throw thrown
    await send(client, { method: 'POST', path: 'sys/rotate' })
  }
}

export const command: Command = defineCommand({
  usage: 'operator rotate [options]',
  about: `
Put a new key into the ring that encrypts what is stored. What is written from
now on is encrypted by it; older keys stay to read what is older. Nothing
stops meanwhile.

    $ {program} operator rotate
`,
  flags: { ...connectionFlags, ...formatFlags },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    await attempt('Error rotating key', () => rotateKeyring(client))
    const { fields, table } = await readKeyStatus(client)
    return out.data(fields, `Success! Rotated key\n\n${table}`)
  },
})
