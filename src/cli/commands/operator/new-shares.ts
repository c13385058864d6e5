/** What `operator rotate-keys` and `operator rekey` share: the same work by two paths of the API. */
import type { Client } from '../../../client/index.ts'
import { attempt, secretOf, send } from '../../api/index.ts'
import { type Command, CommandFailed, type Context, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { formatFlags, goText, type Printer, printerOf, type Row, type Shape, shaped, table, wrapText } from '../../output/index.ts'
import { pgpKeys } from './pgp-key.ts'
import { givenShare } from './share.ts'

type Body = Readonly<Record<string, unknown>>

export interface Words {
  readonly name: 'rekey' | 'rotate-keys'
  readonly about: string
  /** `Error … rekey: `, `Error … rotation: `. */
  readonly noun: string
  readonly reading: string
  readonly canceled: string
  readonly nonceTitle: string
  readonly root: string
  readonly recovery: string
  readonly backup: string
  readonly recoveryBackup: string
  readonly startMethod: 'POST' | 'PUT'
}

const statusShape: Shape = [
  { name: 'nonce', kind: 'text' },
  { name: 'started', kind: 'switch' },
  { name: 't', kind: 'number' },
  { name: 'n', kind: 'number' },
  { name: 'progress', kind: 'number' },
  { name: 'required', kind: 'number' },
  { name: 'pgp_fingerprints', kind: 'list' },
  { name: 'backup', kind: 'switch' },
  { name: 'verification_required', kind: 'switch' },
  { name: 'verification_nonce', kind: 'text' },
]
const verificationShape: Shape = [
  { name: 'nonce', kind: 'text' },
  { name: 'started', kind: 'switch' },
  { name: 't', kind: 'number' },
  { name: 'n', kind: 'number' },
  { name: 'progress', kind: 'number' },
]

const text = (value: unknown): string => (value === undefined || value === null ? '' : goText(value))

function printStatus(out: Printer, body: Body): number {
  const it = shaped(body, statusShape)
  const rows: readonly Row[] =
    it['started'] === true
      ? [
          ['Progress', `${text(it['progress'])}/${text(it['required'])}`],
          ['New Shares', text(it['n'])],
          ['New Threshold', text(it['t'])],
          ['Verification Required', text(it['verification_required'])],
          ...(text(it['verification_nonce']) === '' ? [] : [['Verification Nonce', text(it['verification_nonce'])]]),
        ]
      : []
  return out.data(it, table('Key | Value', [['Nonce', text(it['nonce'])], ['Started', text(it['started'])], ...rows]))
}

function printVerification(out: Printer, body: Body): number {
  const it = shaped(body, verificationShape)
  return out.data(
    it,
    table('Key | Value', [
      ['Started', text(it['started'])],
      ['New Shares', text(it['n'])],
      ['New Threshold', text(it['t'])],
      ['Verification Nonce', text(it['nonce'])],
      ['Verification Progress', `${text(it['progress'])}/${text(it['t'])}`],
    ]),
  )
}

function printShares(out: Printer, body: Body, wished: Body): number {
  if (out.format !== 'table') return out.data(body)
  const base64 = (body['keys_base64'] ?? []) as readonly string[]
  out.line('')
  for (const [i, key] of base64.entries()) out.line(`Key ${i + 1}: ${key}`)
  out.line(`\nOperation nonce: ${text(body['nonce'])}`)
  const [shares, threshold] = [text(wished['n']), text(wished['t'])]
  const more =
    body['verification_required'] === true
      ? [
          `The new shares are not in force yet: ${threshold} of the ${shares} have to be given back first, under the nonce ${text(body['verification_nonce'])}, with -verify. Until then the old ones unseal the server.`,
        ]
      : [
          `There are ${shares} new key shares now, and ${threshold} of them unseal the server. Give each share above to another keeper, by a safe way: the old shares open nothing any more.`,
        ]
  for (const it of more) out.line(`\n${wrapText(it)}`)
  return 0
}

const group = 'Common Options'
const backups = 'Backup Options'

export const newSharesCommand = (words: Words): Command =>
  defineCommand({
    usage: `operator ${words.name} [options] [KEY]`,
    about: words.about,
    flags: {
      ...connectionFlags,
      ...formatFlags,
      init: flag.bool('Start.', { group }),
      cancel: flag.bool('End what was started, and forget the shares given so far.', { group }),
      status: flag.bool('Print how far it is.', { group }),
      keyShares: flag.int('Into how many shares the key is split; 5 unless told.', { group, aliases: ['n'], default: 5 }),
      keyThreshold: flag.int('How many of the shares are needed; 3 unless told.', { group, aliases: ['t'], default: 3 }),
      nonce: flag.string('Of the attempt that a share given as an argument is for.', { group }),
      pgpKeys: flag.string('Files with public PGP keys, separated by commas, one a share: each share is encrypted by one of them.', {
        group,
      }),
      target: flag.string('"barrier", or "recovery" where a seal unseals the server by itself.', { group, default: 'barrier' }),
      verify: flag.bool('With -init: the new shares come into force only when enough were given back. Else: it is about that.', { group }),
      backup: flag.bool('Let the server keep the encrypted shares.', { group: backups }),
      backupDelete: flag.bool('Delete them.', { group: backups }),
      backupRetrieve: flag.bool('Print them.', { group: backups }),
    },
    async run(ctx, { flags, args }) {
      const out = printerOf(ctx, flags)
      expectArgs(args, 0, 1, '0-1')
      const target = flags.target.trim().toLowerCase()
      if (target !== 'barrier' && target !== 'recovery' && target !== 'hsm') throw new CommandFailed(`Unknown target: ${flags.target}`)
      const recovery = target !== 'barrier'
      const at = recovery ? words.recovery : words.root
      const client = await connect(ctx, flags)
      const call = async (method: 'GET' | 'PUT' | 'POST' | 'DELETE', path: string, body?: Body): Promise<Body> =>
        dataOf(await send(client, { method, path, ...(body && { body }) }))

      if (flags.backupDelete) {
        const path = recovery ? words.recoveryBackup : words.backup
        await attempt(`Error deleting ${words.noun} backed up keys`, () => call('DELETE', path))
        out.line('Success! Deleted backed up keys (if they existed)')
        return 0
      }
      if (flags.backupRetrieve) {
        const path = recovery ? words.recoveryBackup : words.backup
        return out.data(await attempt(`Error retrieving ${words.noun} backed up keys`, () => call('GET', path)))
      }
      if (flags.cancel) {
        await attempt(`Error canceling ${words.noun}`, () => call('DELETE', flags.verify ? `${at}/verify` : `${at}/init`))
        out.line(`Success! Canceled ${words.canceled} (if it was started)`)
        return 0
      }
      if (flags.init) {
        const body = await attempt(`Error initializing ${words.noun}`, async () =>
          call(words.startMethod, `${at}/init`, {
            secret_shares: flags.keyShares,
            secret_threshold: flags.keyThreshold,
            pgp_keys: await pgpKeys(ctx, flags.pgpKeys),
            backup: flags.backup,
            require_verification: flags.verify,
          }),
        )
        if ((flags.pgpKeys ?? '') === '' && out.format === 'table') {
          out.warn('The new shares will be shown once, in clear, to whoever gives the last of the old ones. Who loses them has no other.')
          out.line('')
        }
        return printStatus(out, body)
      }
      const status = (): Promise<Body> =>
        attempt(`Error reading ${words.reading} status`, () => call('GET', flags.verify ? `${at}/verify` : `${at}/init`))
      if (flags.status) return flags.verify ? printVerification(out, await status()) : printStatus(out, await status())
      return await give(ctx, { out, words, before: await status(), flags, argument: args[0], call, at })
    },
  })

/** The older paths answer without an envelope. */
function dataOf(answer: Awaited<ReturnType<Client['send']>>): Body {
  const body = answer.body as Body | null | undefined
  return (body !== null && typeof body === 'object' && 'request_id' in body ? secretOf(answer)?.data : body) ?? {}
}

interface Giving {
  readonly out: Printer
  readonly words: Words
  readonly before: Body
  readonly flags: { readonly nonce: string | undefined; readonly verify: boolean; readonly nonInteractive: boolean }
  readonly argument: string | undefined
  readonly call: (method: 'PUT', path: string, body: Body) => Promise<Body>
  readonly at: string
}

async function give(ctx: Context, { out, words, before, flags, argument, call, at }: Giving): Promise<number> {
  if (before['started'] !== true)
    throw new CommandFailed(`No ${words.noun} is in progress. Start one by running "${ctx.program} operator ${words.name} -init".`)
  const share = await givenShare(ctx, {
    argument,
    nonce: flags.nonce ?? '',
    current: text(before['nonce']),
    title: words.nonceTitle,
    interactive: !flags.nonInteractive,
  })
  const path = flags.verify ? `${at}/verify` : `${at}/update`
  const body = await attempt('Error posting unseal key', () => call('PUT', path, { ...share }))
  if (!flags.verify) return body['complete'] === true ? printShares(out, body, before) : printStatus(out, body)
  if (body['complete'] !== true) return printVerification(out, body)
  if (out.format !== 'table') return out.data(body)
  out.line(wrapText(`Success! The ${text(before['n'])} new key shares are in force; ${text(before['t'])} of them unseal the server.`))
  return 0
}
