import { attribute, lowerCase, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType } from '../mount-type.ts'
import type { Values } from '../../model/index.ts'
import { isNothing, tokenAttributes, tokenContradictions } from '../token-attributes.ts'

/** https://developer.hashicorp.com/vault/api-docs/auth/approle, as OpenBao answers it. */
const role: Shape = {
  bind_secret_id: attribute.flag('Whether a login needs a secret ID.', { fallback: true }),
  local_secret_ids: attribute.flag('Whether secret IDs stay in one cluster.', { fixed: true }),
  role_id: attribute.text('The identifier that a login names; random unless given.', { fallback: null, readAt: 'role-id' }),
  secret_id_bound_cidrs: attribute.set('From where a secret ID may be used.', { each: lowerCase, aliases: ['bound_cidr_list'] }),
  secret_id_num_uses: attribute.count('How often a secret ID may be used; 0 for any number.'),
  secret_id_ttl: attribute.span('How long a secret ID lives; 0 for ever.'),
  ...tokenAttributes(['period', 'policies']),
}

function contradictions(values: Values): readonly Contradiction[] {
  const isOpen = values['bind_secret_id'] === false && isNothing(values['secret_id_bound_cidrs']) && isNothing(values['token_bound_cidrs'])
  const open = { attribute: 'bind_secret_id', why: 'a role without a secret ID needs secret_id_bound_cidrs or token_bound_cidrs' }
  return [...(isOpen ? [open] : []), ...tokenContradictions(values)]
}

const roles: Collection = {
  is: 'collection',
  doc: 'Roles that machines log in to.',
  path: 'role',
  noun: 'role',
  shape: role,
  foldsNames: true,
  contradictions,
  loses: 'its secret IDs and, unless the file gives it, its role ID',
}

export const approle: MountType = {
  type: 'approle',
  table: 'auth',
  doc: 'Machines log in with a role ID and a secret ID.',
  sections: { roles },
}
