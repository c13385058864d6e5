/**
 * The endpoints below sys/ that need no token and work while the server is sealed: one file each. They know core's operator and
 * what the server says it is; their bodies are read more strictly than others, as the peer does.
 */
import { json } from '../answer.ts'
import type { BareEndpoint } from './endpoint.ts'
import { health } from './health.ts'
import { init } from './init.ts'
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
