import type { Host, IdentityPort, MfaPort } from '../../logical/index.ts'
import type { MountOf } from './shown.ts'

export interface IdentityPorts {
  readonly identity: IdentityPort
  readonly mfa: MfaPort
  readonly mountOf: MountOf
  /** Where clients reach this server: scheme, host and port. */
  readonly apiAddress: () => string
}
/** What the mount works with. */
export interface State extends IdentityPorts {
  readonly host: Host
}
