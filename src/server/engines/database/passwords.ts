/** Passwords for users: by the policy of the role, else of the connection, else by rules of our own. */
import type { Random } from '../../../kernel/index.ts'
import { faults, isFault, type Host } from '../../logical/index.ts'
import type { Connection } from './connection.ts'
import type { Role } from './role.ts'

const LENGTH = 20
/** At least one of each is in a password made without a policy. */
const KINDS = ['abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789', '-'] as const
const CHARACTERS = KINDS.join('')

export async function newPassword(
  host: Host,
  { credentialConfig }: Pick<Role, 'credentialConfig'>,
  connection: Pick<Connection, 'passwordPolicy'>,
): Promise<string> {
  const policy = String(credentialConfig['password_policy'] ?? '') || connection.passwordPolicy
  if (policy === '') return withoutPolicy(host.random)
  return host.passwordBy(policy).catch((cause: unknown): never => {
    if (!isFault(cause)) throw cause
    const why = cause.status === 404 ? 'no password policy found' : cause.wire.join('; ')
    throw faults.failedAs({ why: `failed to generate password: ${why}` }, { cause })
  })
}

/** 20 letters, digits and dashes. */
function withoutPolicy(random: Random): string {
  for (;;) {
    const made = randomCharacters(random, LENGTH)
    // Thrown away whole: a character put in by force would be less than random, and so would its place.
    if (KINDS.every(kind => Array.from(made).some(it => kind.includes(it)))) return made
  }
}

/** Each equally likely: bytes over the last full multiple of their number are thrown away. */
function randomCharacters(random: Random, length: number): string {
  const fair = 256 - (256 % CHARACTERS.length)
  let text = ''
  while (text.length < length) {
    for (const byte of random.bytes(length + 8)) {
      if (byte < fair && text.length < length) text += CHARACTERS[byte % CHARACTERS.length]
    }
  }
  return text
}
