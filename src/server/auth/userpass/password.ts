/** Passwords as bcrypt hashes (Provos and Mazières, 1999), by the library's thread pool: a hash takes about 60 ms of a core. */
import { compare, hash } from 'bcrypt'
import { faults } from '../../logical/index.ts'

/** 2^10 rounds, as the peer's. */
const COST = 10
const MOST_COST = 15
/** What bcrypt reads of a password; more would be cut off in silence, so it is refused. */
const LONGEST = 72
const HASH = /^\$2[abxy]?\$(\d\d)\$[./A-Za-z0-9]{53}$/

export interface NewPassword {
  readonly password?: string | undefined
  readonly passwordHash?: string | undefined
}

/** The hash to keep. */
export async function hashed({ password = '', passwordHash = '' }: NewPassword): Promise<string> {
  if (password !== '' && passwordHash !== '') throw faults.refused({ why: 'only one of password or password_hash may be provided' })
  if (passwordHash !== '') return checked(passwordHash)
  if (password === '') throw faults.refused({ why: 'must provide either password or password_hash' })
  if (Buffer.byteLength(password) > LONGEST) throw faults.failedAs({ why: `bcrypt: password length exceeds ${LONGEST} bytes` })
  return hash(password, COST)
}

/**
 * A hash that somebody else made. Its cost is bounded, since every login pays it, also one with a wrong password: two seconds at
 * 15, and a day at 31, in which the thread pool does nothing else.
 */
function checked(passwordHash: string): string {
  const cost = Number(HASH.exec(passwordHash)?.[1] ?? 0)
  if (cost < 4 || cost > 31) throw faults.refused({ why: 'password_hash is not a valid bcrypt hash' })
  if (cost > MOST_COST) throw faults.refused({ why: `password_hash must not have a cost above ${MOST_COST}` })
  return passwordHash
}

/** The hash of nobody's password: who asks for a user that is not there waits as long as for one that is. */
export const decoy = (random: { bytes(count: number): Uint8Array }): Promise<string> =>
  hash(Buffer.from(random.bytes(32)).toString('base64'), COST)

export async function matches(password: string, kept: string): Promise<boolean> {
  const cut = Buffer.byteLength(password) > LONGEST
  // The library knows $2a$ and $2b$; $2y$ is another name for the latter.
  return (await compare(password, kept.replace(/^\$2[xy]?\$/, '$2b$'))) && !cut
}
