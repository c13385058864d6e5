import { timingSafeEqual } from 'node:crypto'
import { signatureOf } from './notices.ts'

export interface Delivery {
  readonly event: string | undefined
  /** X-Hub-Signature-256. */
  readonly signature: string | undefined
  readonly body: Uint8Array
}

/**
 * - `look`: somebody pushed to the branch. `ignored`: an event of another kind or branch.
 * - `refused`: it was not signed with the secret. `malformed`: it was, and is no JSON.
 */
export type Heard = 'look' | 'ignored' | 'refused' | 'malformed'

/**
 * A delivery of GitHub's webhooks (docs.github.com: "Validating webhook deliveries"), or of anything that signs like it. It only says
 * when to look; what is applied is what Git gives.
 */
export function hear({ event, signature, body }: Delivery, secret: string, branch: string | undefined): Heard {
  const expected = Buffer.from(signatureOf(secret, body))
  const given = Buffer.from(signature ?? '')
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return 'refused'
  let parsed: unknown
  try {
    parsed = JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return 'malformed'
  }
  if (event !== 'push') return 'ignored'
  const ref = typeof parsed === 'object' && parsed !== null && 'ref' in parsed ? parsed.ref : undefined
  return branch === undefined || ref === `refs/heads/${branch}` ? 'look' : 'ignored'
}
