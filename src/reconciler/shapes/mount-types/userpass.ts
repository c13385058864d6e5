import { attribute, type Shape } from '../attribute.ts'
import type { Collection, MountType } from '../mount-type.ts'
import { tokenAttributes, tokenContradictions } from '../token-attributes.ts'

/** https://openbao.org/api-docs/auth/userpass/, as OpenBao answers it. */
const user: Shape = {
  password: attribute.secret('The password.', { setBy: 'always' }),
  ...tokenAttributes(['bound_cidrs', 'max_ttl', 'policies', 'ttl']),
}

const users: Collection = {
  is: 'collection',
  doc: 'People who log in with a password.',
  path: 'users',
  noun: 'user',
  shape: user,
  foldsNames: true,
  contradictions: tokenContradictions,
}

export const userpass: MountType = { type: 'userpass', table: 'auth', doc: 'User names and passwords.', sections: { users } }
