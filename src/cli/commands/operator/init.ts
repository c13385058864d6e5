import type { Client } from '../../../client/index.ts'
import { attempt, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, type Printer, printerOf, wrapText } from '../../output/index.ts'
import { readSealStatus } from '../../seal-status.ts'
import { pgpKeys } from './pgp-key.ts'

const SHARES = 5
const THRESHOLD = 3
const NOT_INITIALISED = 2

interface Request {
  readonly secret_shares: number
  readonly secret_threshold: number
  readonly pgp_keys: readonly string[] | null
  readonly recovery_shares: number
  readonly recovery_threshold: number
  readonly recovery_pgp_keys: readonly string[] | null
  readonly root_token_pgp_key: string
}

interface Reply {
  readonly keys?: readonly string[] | null
  readonly keys_base64?: readonly string[] | null
  readonly recovery_keys?: readonly string[] | null
  readonly recovery_keys_base64?: readonly string[] | null
  readonly root_token: string
}

async function printStatus(out: Printer, client: Client): Promise<number> {
  const answer = await attempt('Error checking init status', () => send(client, { method: 'GET', path: 'sys/init' }), 1)
  const { initialized } = answer.body as { readonly initialized: boolean }
  out.data({ Initialized: initialized }, initialized ? 'Vault is initialized' : 'Vault is not initialized')
  return initialized ? 0 : NOT_INITIALISED
}

/** What a machine reads of an initialisation. */
function report(request: Request, reply: Reply): Readonly<Record<string, unknown>> {
  // No keys came back: the seal keeps the key itself.
  const kept = (reply.keys ?? []).length === 0
  return {
    unseal_keys_b64: reply.keys_base64 ?? [],
    unseal_keys_hex: reply.keys ?? [],
    unseal_shares: kept ? 1 : request.secret_shares,
    unseal_threshold: kept ? 1 : request.secret_threshold,
    recovery_keys_b64: reply.recovery_keys_base64 ?? [],
    recovery_keys_hex: reply.recovery_keys ?? [],
    recovery_keys_shares: request.recovery_shares,
    recovery_keys_threshold: request.recovery_threshold,
    root_token: reply.root_token,
  }
}

const keyLines = (
  name: string,
  base64: readonly string[] | null | undefined,
  hex: readonly string[] | null | undefined,
): readonly string[] => (hex ?? []).map((key, i) => `${name} Key ${i + 1}: ${base64?.[i] ?? key}`)

function advice(request: Request, reply: Reply): readonly string[] {
  const { secret_shares: shares, secret_threshold: threshold } = request
  const unseal =
    (reply.keys ?? []).length === 0
      ? ['Success! Vault is initialized']
      : [
          `Vault initialized with ${shares} key shares and a key threshold of ${threshold}. Give each share above to another keeper, by a safe way. Whenever the server starts or was sealed, it answers nothing until ${threshold} of them are given to it.`,
          `The key that they make up is stored nowhere. Who has fewer than ${threshold} of the shares has lost what is stored, for good.`,
        ]
  const recovery =
    (reply.recovery_keys ?? []).length === 0
      ? []
      : [
          `Recovery key initialized with ${request.recovery_shares} key shares and a key threshold of ${request.recovery_threshold}. Give each share above to another keeper, by a safe way.`,
        ]
  return [...unseal, ...recovery].map(it => wrapText(it))
}

export const command: Command = defineCommand({
  usage: 'operator init [options]',
  about: `
Initialise a server, once and for all nodes that share its storage: it makes its
root key, splits the key that protects it into shares, and prints the shares and
the first root token. They are shown this once.

    $ {program} operator init -key-shares=5 -key-threshold=3

Encrypt each share for its keeper:

    $ {program} operator init -key-shares=2 -key-threshold=2 -pgp-keys=ann.asc,bob.asc
`,
  flags: {
    ...connectionFlags,
    ...formatFlags,
    status: flag.bool(
      'Print whether the server is initialised. The exit code is 0 when it is, 2 when it is not, 1 when it could not be told.',
      {
        group: 'Common Options',
      },
    ),
    keyShares: flag.int('Into how many shares the key is split; 5 unless told.', { group: 'Common Options', aliases: ['n'] }),
    keyThreshold: flag.int('How many of the shares are needed; 3 unless told.', { group: 'Common Options', aliases: ['t'] }),
    pgpKeys: flag.string('Files with public PGP keys, separated by commas, one a share: each share is encrypted by one of them.', {
      group: 'Common Options',
    }),
    rootTokenPgpKey: flag.string('A file with a public PGP key to encrypt the root token by.', { group: 'Common Options' }),
    recoveryShares: flag.int('Into how many shares the recovery key is split, where a seal unseals the server by itself.', {
      group: 'Auto Unseal Options',
      default: SHARES,
    }),
    recoveryThreshold: flag.int('How many shares of the recovery key are needed.', { group: 'Auto Unseal Options', default: THRESHOLD }),
    recoveryPgpKeys: flag.string('As -pgp-keys, for the shares of the recovery key.', { group: 'Auto Unseal Options' }),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    const [keys, recoveryKeys, [rootKey = ''] = []] = await Promise.all([
      pgpKeys(ctx, flags.pgpKeys),
      pgpKeys(ctx, flags.recoveryPgpKeys),
      pgpKeys(ctx, flags.rootTokenPgpKey).then(it => it ?? undefined),
    ])
    const seal = await attempt('Error checking seal status', () => readSealStatus(client.plain))
    if (flags.status) return await printStatus(out, client)
    // A seal that keeps the key has recovery shares in place of key shares.
    const recovers = seal['recovery_seal'] === true
    const request: Request = {
      secret_shares: flags.keyShares ?? (recovers ? 0 : SHARES),
      secret_threshold: flags.keyThreshold ?? (recovers ? 0 : THRESHOLD),
      pgp_keys: keys,
      recovery_shares: recovers ? flags.recoveryShares : 0,
      recovery_threshold: recovers ? flags.recoveryThreshold : 0,
      recovery_pgp_keys: recoveryKeys,
      root_token_pgp_key: rootKey,
    }
    const answer = await attempt('Error initializing', () => send(client, { method: 'PUT', path: 'sys/init', body: request }))
    const reply = answer.body as Reply
    if (out.format !== 'table') return out.data(report(request, reply))
    for (const line of keyLines('Unseal', reply.keys_base64, reply.keys)) out.line(line)
    for (const line of keyLines('Recovery', reply.recovery_keys_base64, reply.recovery_keys)) out.line(line)
    out.line(`\nInitial Root Token: ${reply.root_token}`)
    for (const text of advice(request, reply)) out.line(`\n${text}`)
    return 0
  },
})
