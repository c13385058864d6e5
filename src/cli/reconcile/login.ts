import type { Client, Envelope } from '../../client/index.ts'
import { resolverOf } from '../../reconciler/index.ts'
import type { LoginSettings } from '../../reconciler/model/index.ts'
import { secretOf, send } from '../api/index.ts'
import { complain } from '../complain.ts'
import { CommandFailed, type Context } from '../command.ts'

/**
 * Logs a run in as its target says, once, and has the token revoked when the command ends, however it ends.
 *
 * @param anonymous a client without a token
 * @param dir what `$file` is relative to
 */
export async function logIn(ctx: Context, anonymous: Client, { mount, fields }: LoginSettings, dir: string): Promise<Client> {
  const resolve = resolverOf({ env: ctx.env, dir, reader: { read: nothing, list: () => Promise.resolve([]) } })
  const body: Record<string, string> = {}
  for (const [name, value] of Object.entries(fields)) {
    try {
      body[name] = typeof value === 'string' ? value : await resolve(value)
    } catch (cause) {
      throw new CommandFailed(`the login at auth/${mount} is not possible: ${name}: ${(cause as Error).message}`, 1, { cause })
    }
  }
  const { username, ...rest } = body
  // Methods of people name them in the path.
  const path = `auth/${mount}/login${username === undefined ? '' : `/${username}`}`
  const answer = await send(anonymous, { method: 'POST', path, body: rest })
  const auth = secretOf(answer)?.auth as { readonly client_token?: string; readonly token_type?: string } | null | undefined
  if (auth?.client_token === undefined || auth.client_token === '') throw new CommandFailed(`the login at auth/${mount} gave no token`)
  const client = anonymous.with({ token: auth.client_token })
  // A batch token is kept nowhere, so there is nothing to revoke.
  if (auth.token_type !== 'batch') ctx.atEnd(() => revoke(ctx, client))
  return client
}

const nothing = (): Promise<Envelope | undefined> => Promise.resolve(undefined)

async function revoke(ctx: Context, client: Client): Promise<void> {
  try {
    await send(client, { method: 'POST', path: 'auth/token/revoke-self' })
  } catch (error) {
    complain(ctx, `the token of this run could not be revoked, and ends by itself: ${(error as Error).message}`)
  }
}

/** Reads no more once it is told to stop, so that a run that looks has an end at which its token is revoked; what writes has its own. */
export const stoppable = (client: Client, signal: AbortSignal): Client => ({
  ...client,
  send(request) {
    const isRead = request.method === 'GET' || request.method === 'LIST' || request.method === 'SCAN'
    return isRead && signal.aborted ? Promise.reject(new CommandFailed('stopped')) : client.send(request)
  },
  with: change => stoppable(client.with(change), signal),
})
