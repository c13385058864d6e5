/**
 * The identity store: who stands behind tokens. Knows the store that it is given, what an ACL is, and which mount an accessor names; must
 * not know requests, nor how anybody proves who they are.
 */
export { Identity } from './identity.ts'
export type { Holder } from './holders.ts'
