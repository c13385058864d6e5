import type { Random } from '../../../kernel/index.ts'
import { isFault, type Server } from '../../../server/index.ts'
import { CommandFailed } from '../../command.ts'

export interface DevWish {
  /** Undefined: any. */
  readonly rootTokenId: string | undefined
  readonly kv: '1' | '2' | 'none'
  readonly random: Random
  readonly signal: AbortSignal
}

export interface DevKeys {
  readonly unsealKey: string
  readonly rootToken: string
}

type Core = Server['core']

/**
 * A fresh server made ready to play with: one share, unsealed, a root token, and secrets at secret/. Through the API alone.
 * @throws CommandFailed
 */
export async function makeDev(core: Core, wish: DevWish): Promise<DevKeys> {
  try {
    return await made(core, wish)
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown
    throw new CommandFailed(`the development server cannot be set up: ${thrown.wire.join('; ').trim()}`, 1, { cause: thrown })
  }
}

async function made(core: Core, wish: DevWish): Promise<DevKeys> {
  const initialised = await core.operator.initialise({ secretShares: 1, secretThreshold: 1 })
  await core.operator.unseal(initialised.keys[0] as string)
  const rootToken = await chosenToken(core, wish, initialised.rootToken)
  if (wish.kv !== 'none')
    await write(core, wish, rootToken, 'sys/mounts/secret', {
      type: 'kv',
      description: 'key/value secret storage',
      options: { version: wish.kv },
    })
  return { unsealKey: initialised.keysBase64[0] as string, rootToken }
}

async function chosenToken(core: Core, wish: DevWish, first: string): Promise<string> {
  const { rootTokenId: id } = wish
  if (id === undefined || id === '') return first
  await write(core, wish, first, 'auth/token/create', { id, policies: ['root'], no_parent: true, no_default_policy: true })
  await write(core, wish, first, 'auth/token/revoke-self', {})
  return id
}

async function write(
  core: Core,
  { random, signal }: DevWish,
  token: string,
  path: string,
  data: Readonly<Record<string, unknown>>,
): Promise<void> {
  await core.handle({
    id: random.uuid(),
    op: 'write',
    path,
    namespace: '',
    data,
    token,
    wrap: undefined,
    remoteAddress: '127.0.0.1',
    signal,
  })
}
