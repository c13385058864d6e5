/**
 * The endpoints below sys/ that need no token and work while the server is sealed: one file each. They know core's operator and
 * what the server says it is; their bodies are read more strictly than others, as the peer does.
 */
import { json } from '../answer.ts'
import type { BareEndpoint } from './endpoint.ts'
import { generateRootAttempt, generateRootUpdate } from './generate-root.ts'
import { health } from './health.ts'
import { init } from './init.ts'
import { recoveryRekeyInit, recoveryRekeyUpdate, recoveryRekeyVerify, rekeyInit, rekeyUpdate, rekeyVerify } from './rekey.ts'
import { sealStatus } from './seal-status.ts'
import { unseal } from './unseal.ts'

export { type BareCall, type BareEndpoint, type Product } from './endpoint.ts'

/** There is one node, so nobody leads. */
const leader: BareEndpoint = { methods: ['GET'], answer: () => json(200, { ha_enabled: false }) }

export const bareEndpoints: ReadonlyMap<string, BareEndpoint> = new Map([
  ['sys/health', health],
  ['sys/init', init],
  ['sys/leader', leader],
  ['sys/seal-status', sealStatus],
  ['sys/unseal', unseal],
])

/** Which switch of a listener lets an endpoint be used without a token. */
export interface SharesEndpoint {
  readonly endpoint: BareEndpoint
  readonly opens: 'rekey' | 'generateRoot'
}

/** For those who hold shares and no token: there only where the listener says so, and audited like all others. */
export const sharesEndpoints: ReadonlyMap<string, SharesEndpoint> = new Map([
  ['sys/generate-root/attempt', { endpoint: generateRootAttempt, opens: 'generateRoot' }],
  ['sys/generate-root/update', { endpoint: generateRootUpdate, opens: 'generateRoot' }],
  ['sys/rekey/init', { endpoint: rekeyInit, opens: 'rekey' }],
  ['sys/rekey/update', { endpoint: rekeyUpdate, opens: 'rekey' }],
  ['sys/rekey/verify', { endpoint: rekeyVerify, opens: 'rekey' }],
  ['sys/rekey-recovery-key/init', { endpoint: recoveryRekeyInit, opens: 'rekey' }],
  ['sys/rekey-recovery-key/update', { endpoint: recoveryRekeyUpdate, opens: 'rekey' }],
  ['sys/rekey-recovery-key/verify', { endpoint: recoveryRekeyVerify, opens: 'rekey' }],
])
