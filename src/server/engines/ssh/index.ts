/**
 * SSH: certificates for users and hosts, signed by keys that stay here, and one-time passwords that the agent on a host asks
 * about. Knows the framework; must not know core, nor another engine.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { issuers } from './issuers.ts'
import { openMount, type Mount } from './mount.ts'
import { otpSecret, passwords } from './passwords.ts'
import { roles } from './roles.ts'
import { signing } from './sign.ts'
import { zeroAddress } from './zero-address.ts'

export const ssh: SecretsEngine = defineEngine<Mount>({
  type: 'ssh',
  doc: 'Signs SSH certificates, and makes passwords that work once.',
  families: [roles, issuers, signing, passwords, zeroAddress],
  secrets: [otpSecret],
  sealWrapped: ['issuer/', 'config/issuers'],
  open: openMount,
  close: async ({ signers }) => signers.forget(),
})
