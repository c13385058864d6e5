import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Random } from '../../../../../kernel/index.ts'

const ITERATIONS = 4096
const derive = promisify(pbkdf2)

/**
 * What PostgreSQL keeps in place of a password (RFC 5803, RFC 7677), so that the password itself is in none of its logs:
 * `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`.
 */
export async function scramVerifier(password: string, random: Random): Promise<string> {
  const salt = random.bytes(16)
  const salted = await derive(password.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256')
  const keyed = (text: string): Buffer => createHmac('sha256', salted).update(text).digest()
  const storedKey = createHash('sha256').update(keyed('Client Key')).digest('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${Buffer.from(salt).toString('base64')}$${storedKey}:${keyed('Server Key').toString('base64')}`
}
