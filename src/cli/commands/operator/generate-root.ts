import type { Client, Method } from '../../../client/index.ts'
import { attempt, RequestFailed, secretOf, send } from '../../api/index.ts'
import { type Command, CommandFailed, type Context, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { columns, formatFlags, goText, type Printer, printerOf, type Shape, shaped } from '../../output/index.ts'
import { pgpKeys } from './pgp-key.ts'
import { givenShare } from './share.ts'

type Body = Readonly<Record<string, unknown>>

const statusShape: Shape = [
  { name: 'nonce', kind: 'text' },
  { name: 'started', kind: 'switch' },
  { name: 'progress', kind: 'number' },
  { name: 'required', kind: 'number' },
  { name: 'complete', kind: 'switch' },
  { name: 'encoded_token', kind: 'text' },
  { name: 'encoded_root_token', kind: 'text' },
  { name: 'pgp_fingerprint', kind: 'text' },
  { name: 'otp', kind: 'text' },
  { name: 'otp_length', kind: 'number' },
]

/**
 * With a token, or, where there is none that is good for it, without one: as long as a quorum of shares is there, people get in again
 * even when every root token is revoked, if the listener lets them. HashiCorp Vault has the second way only.
 */
async function ask(client: Client, hasToken: boolean, method: Method, step: 'attempt' | 'update', body?: Body): Promise<Body> {
  const asked = { method, ...(body && { body }) }
  if (hasToken) {
    try {
      return secretOf(await send(client, { ...asked, path: `sys/generate-root-token/${step}` }))?.data ?? {}
    } catch (thrown) {
      if (!(thrown instanceof RequestFailed) || ![403, 404].includes(thrown.status)) throw thrown
      // What was refused for want of a token may still be open without one; if it is not, the first answer says why.
      return await withoutToken(client, asked, step).catch(() => {
        throw thrown
      })
    }
  }
  return await withoutToken(client, asked, step)
}

const withoutToken = async (client: Client, asked: { readonly method: Method; readonly body?: Body }, step: string): Promise<Body> =>
  ((await send(client.with({ token: undefined }), { ...asked, path: `sys/generate-root/${step}` })).body as Body | null) ?? {}

const text = (value: unknown): string => (value === undefined || value === null ? '' : goText(value))

function print(out: Printer, status: Body): number {
  const it = shaped(status, statusShape)
  const when = (name: string, title: string): readonly (readonly [string, string])[] =>
    text(it[name]) === '' || it[name] === 0 ? [] : [[title, text(it[name])]]
  const table = columns([
    ['Nonce', text(it['nonce'])],
    ['Started', text(it['started'])],
    ['Progress', `${text(it['progress'])}/${text(it['required'])}`],
    ['Complete', text(it['complete'])],
    ...when('pgp_fingerprint', 'PGP Fingerprint'),
    ...(text(it['encoded_token']) === '' ? when('encoded_root_token', 'Encoded Token') : when('encoded_token', 'Encoded Token')),
    ...when('otp', 'OTP'),
    ...when('otp_length', 'OTP Length'),
  ])
  return out.data(it, table)
}

const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** Characters of 62 kinds, each as likely. */
function makeOtp(ctx: Context, length: number): string {
  let made = ''
  while (made.length < length)
    for (const byte of ctx.random.bytes(length)) if (byte < 248 && made.length < length) made += LETTERS[byte % 62] as string
  return made
}

function decode(encoded: string, otp: string): string {
  if (otp === '') throw new CommandFailed('Missing otp: use -otp to supply it')
  const bytes = Buffer.from(encoded, 'base64')
  const pad = Buffer.from(otp)
  if (bytes.length !== pad.length)
    throw new CommandFailed(
      `Error decoding root token: error xoring token: length of byte slices is not equivalent: ${bytes.length} != ${pad.length}`,
    )
  return Buffer.from(bytes.map((byte, at) => byte ^ (pad[at] as number))).toString()
}

const group = 'Common Options'

export const command: Command = defineCommand({
  usage: 'operator generate-root [options] [KEY]',
  about: `
Make a new root token by a quorum of those who hold shares. One of them starts it
and keeps the one-time pad that is printed; then each gives a share; the last one
is shown the token, under the pad; and whoever has the pad decodes it.

    $ {program} operator generate-root -init
    $ {program} operator generate-root
    $ {program} operator generate-root -decode=ENCODED -otp=PAD

Without a token this works where the listener of the server says
disable_unauthed_generate_root_endpoints = false: the way back in when every root
token is revoked.
`,
  flags: {
    ...connectionFlags,
    ...formatFlags,
    init: flag.bool('Start a root token generation.', { group }),
    cancel: flag.bool('End the one that runs, and forget the shares given so far.', { group }),
    status: flag.bool('Print how far it is.', { group }),
    decode: flag.string('Decode this token, as the last share has shown it.', { group }),
    generateOtp: flag.bool('Print a one-time pad to start with.', { group }),
    otp: flag.string('The one-time pad, to start with or to decode.', { group }),
    pgpKey: flag.string('A file with a public PGP key to encrypt the token by, in place of a pad.', { group }),
    nonce: flag.string('Of the generation that a share given as an argument is for.', { group }),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0, 1, '0-1')
    const { otp = '', decode: encoded = '', nonce = '' } = flags
    if (encoded !== '') {
      const token = decode(encoded, otp)
      return out.format === 'table' ? out.field({ token }, 'token', 'token') : out.data({ token })
    }
    const [pgpKey = ''] = (await pgpKeys(ctx, flags.pgpKey)) ?? []
    const client = await connect(ctx, flags)
    const hasToken = client.hasToken
    const status = (): Promise<Body> => attempt('Error getting root generation status', () => ask(client, hasToken, 'GET', 'attempt'))
    if (flags.generateOtp) {
      const length = Number((await status())['otp_length'])
      const made = makeOtp(ctx, length)
      return out.format === 'table' ? out.field({ otp: made }, 'otp', 'one-time pad') : out.data({ otp: made, otp_length: length })
    }
    if (flags.status) return print(out, await status())
    if (flags.cancel) {
      await attempt('Error canceling root token generation', () => ask(client, hasToken, 'DELETE', 'attempt'))
      out.line('Success! Root token generation canceled (if it was started)')
      return 0
    }
    if (flags.init) {
      const started = await attempt('Error initializing root generation', () =>
        ask(client, hasToken, 'PUT', 'attempt', { otp, pgp_key: pgpKey }),
      )
      if (text(started['otp']) !== '' && out.format === 'table')
        out.warn('A one-time pad was made and stands under OTP. It is needed to decode the root token: keep it, and keep it safe.')
      return print(out, started)
    }
    const before = await status()
    if (before['started'] !== true)
      throw new CommandFailed(
        `No root generation is in progress. Start one by running "${ctx.program} operator generate-root -init". A one-time pad of your own has to be ${text(before['otp_length'])} characters long.`,
      )
    const share = await givenShare(ctx, {
      argument: args[0],
      nonce,
      current: text(before['nonce']),
      title: 'Root generation operation',
      interactive: !flags.nonInteractive,
    })
    return print(out, await attempt('Error posting unseal key', () => ask(client, hasToken, 'PUT', 'update', { ...share })))
  },
})
