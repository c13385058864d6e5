import type { Client } from '../../client/index.ts'
import { nearest } from '../../kernel/index.ts'
import { attempt, secretOf, send, trimPath } from '../api/index.ts'
import { type Command, CommandFailed, type Context, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { flag } from '../flag.ts'
import { pairsOf, textPairs } from '../input/index.ts'
import { fieldFlags, formatFlags, goText, type Printer, printerOf, type Secret, wrapText } from '../output/index.ts'
import { readEnv } from '../parse.ts'
import { tokenStore } from '../token-store.ts'
import { type LoginMethod, loginMethods } from './login/methods.ts'
import { secondFactor } from './login/second-factor.ts'

function methodOf(name: string): LoginMethod {
  const method = Object.hasOwn(loginMethods, name) ? loginMethods[name] : undefined
  if (method !== undefined) return method
  const near = nearest(name, Object.keys(loginMethods))
  throw new CommandFailed(
    wrapText(
      `Unknown auth method: ${name}.${near === undefined ? '' : ` Did you mean ${near}?`} This program can log in by ${Object.keys(loginMethods).join(', ')}; any other method can be used by "write auth/PATH/login".`,
    ),
  )
}

/** A login may come back wrapped, even several times; `open` unwraps it. */
async function tokenReply(client: Client, secret: Secret | undefined, open: boolean): Promise<Secret> {
  const wrong = (why: string): CommandFailed => new CommandFailed(`Error extracting token: ${why}`, 2)
  if (secret === undefined) throw wrong('empty response from auth helper')
  if (secret.auth) return secret
  const wrap = secret.wrap_info
  if (!wrap) throw wrong('no auth or wrapping info in response')
  if ((wrap['wrapped_accessor'] ?? '') === '') throw wrong('wrapped response does not contain a token')
  if (!open) return secret
  const inner = await attempt('Error extracting token', async () =>
    secretOf(await send(client.with({ token: goText(wrap['token']) }), { method: 'PUT', path: 'sys/wrapping/unwrap', body: null })),
  )
  return await tokenReply(client, inner, open)
}

function warnOfEnvironment(ctx: Context, out: Printer): void {
  if ((readEnv(ctx.env, 'BAO_TOKEN') ?? '') === '') return
  const name = (ctx.env['BAO_TOKEN'] ?? '') === '' ? 'VAULT_TOKEN' : 'BAO_TOKEN'
  out.warn(
    `${wrapText(`WARNING! The environment variable ${name} is set, and commands take its token before the one of this login. Unset it, or set it to the new token.`)}\n`,
  )
}

async function store(ctx: Context, out: Printer, address: string, secret: Secret): Promise<void> {
  try {
    await (await tokenStore(ctx, address)).set(goText(secret.auth?.['client_token'] ?? ''))
  } catch (cause) {
    out.warn(`${wrapText('The login worked, but the token could not be stored. It is shown below, so that it is not lost.')}\n`)
    out.secret(secret)
    throw new CommandFailed(`Error storing token: ${(cause as Error).message}`, 2, { cause })
  }
}

export const command: Command = defineCommand({
  usage: 'login [options] [AUTH K=V...]',
  about: `
Log in, and store the token for the commands that follow. Without -method the
token itself is asked for.

    $ {program} login
    Token (will be hidden):

    $ {program} login -method=userpass username=ann
    Password (will be hidden):

    $ {program} login -method=approle role_id=ROLE_ID secret_id=@secret-id

"auth help METHOD" tells what a method takes.
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    method: flag.string('The kind of auth method.', { default: 'token' }),
    path: flag.string('Where the method is mounted, below auth/; the name of its kind without it.'),
    noStore: flag.bool('Do not store the token.'),
    noPrint: flag.bool('Print nothing.'),
    tokenOnly: flag.bool('Print the token and nothing else, and do not store it. The same as "-field=token -no-store".'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    const noStore = flags.noStore || flags.tokenOnly
    const field = flags.tokenOnly ? 'token' : flags.field
    if (noStore && flags.noPrint) throw new CommandFailed('-no-store and -no-print cannot be used together')
    const name = trimPath(flags.method) || 'token'
    const method = methodOf(name)
    const [first] = args
    // A lone word behind "login" is the token itself.
    const bare = name === 'token' && first !== undefined && !first.includes('=')
    const pairs = bare ? [`token=${first}`, ...args.slice(1)] : args
    const config = textPairs(await pairsOf(ctx, pairs, { ...flags, what: 'Error parsing configuration' }))
    const mount = trimPath(config['mount'] || flags.path || name)

    const client = await connect(ctx, flags, { anonymous: true })
    let reply = await attempt('Error authenticating', () =>
      method.login({ ctx, client, mount, config, nonInteractive: flags.nonInteractive }),
    )
    if (reply?.auth?.['mfa_requirement']) {
      const ended = flags.nonInteractive ? undefined : await secondFactor(ctx, client, reply)
      if (ended === undefined) {
        out.warn(`${wrapText('The login waits for its second factor: validate it by a write to sys/mfa/validate.')}\n`)
        return out.secret(reply)
      }
      reply = ended
    }
    const secret = await tokenReply(client.plain, reply, !noStore)
    if (secret.auth) {
      if (!noStore) {
        await store(ctx, out, client.address, secret)
        warnOfEnvironment(ctx, out)
      } else if (!flags.tokenOnly) {
        out.warn(`${wrapText('The token was not stored: set BAO_TOKEN to it, or give it with each request.')}\n`)
      }
    }
    if (flags.noPrint) return 0
    if (!secret.auth && flags.tokenOnly) return out.secretField(secret, 'wrapping_token')
    if (!secret.auth && noStore) return out.secret(secret)
    if (field !== undefined) return out.secretField(secret, field)
    if (out.format === 'table') {
      out.line(
        `${wrapText(noStore ? 'Success! You are now authenticated.' : 'Success! You are now authenticated. The token shown below is stored: the commands that follow use it.')}\n`,
      )
    }
    return out.secret(secret)
  },
})
