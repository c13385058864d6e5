import { createHmac } from 'node:crypto'
import type { Host, View } from '../../logical/index.ts'
import { Signers } from './issuer.ts'

/**
 * What a mount keeps in memory. In its store:
 *
 *     salt               32 random bytes
 *     issuer/<id>        a key that signs
 *     config/issuers     which of them is the default
 *     config/zeroaddress roles that take any address
 *     role/<name>        a role
 *     otp/<hmac>         a password that was not used yet, by its HMAC under the salt
 */
export interface Mount {
  readonly host: Host
  readonly signers: Signers
}

export const openMount = (host: Host): Mount => ({ host, signers: new Signers() })

const SALT = 'salt'

/** The name under which a password is kept: whoever reads the store cannot log in with what it holds. */
export async function passwordKey({ host }: Mount, view: View, password: string): Promise<string> {
  let salt = await view.get(SALT)
  if (salt === undefined) {
    salt = host.random.bytes(32)
    await view.put(SALT, salt)
  }
  return createHmac('sha256', salt).update(password).digest('hex')
}
