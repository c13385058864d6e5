import { attribute, boundAddress, lowerCase, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType } from '../mount-type.ts'
import type { Values } from '../../model/index.ts'

/** https://developer.hashicorp.com/vault/api-docs/auth/approle, as OpenBao answers it. */
const role: Shape = {
  bind_secret_id: attribute.flag('Whether a login needs a secret ID.', { fallback: true }),
  local_secret_ids: attribute.flag('Whether secret IDs stay in one cluster.', { fixed: true }),
  role_id: attribute.text('The identifier that a login names; random unless given.', { fallback: null, readAt: 'role-id' }),
  secret_id_bound_cidrs: attribute.set('From where a secret ID may be used.', { each: lowerCase, aliases: ['bound_cidr_list'] }),
  secret_id_num_uses: attribute.count('How often a secret ID may be used; 0 for any number.'),
  secret_id_ttl: attribute.span('How long a secret ID lives; 0 for ever.'),
  token_bound_cidrs: attribute.set('From where the token may be used.', { each: boundAddress }),
  token_explicit_max_ttl: attribute.span('How long the token lives at most, whatever the mount says.'),
  token_max_ttl: attribute.span('How long the token can be renewed.'),
  token_no_default_policy: attribute.flag('Whether the token goes without the default policy.'),
  token_num_uses: attribute.count('How often the token may be used; 0 for any number.'),
  token_period: attribute.span('The period of a token that can be renewed for ever.', { aliases: ['period'] }),
  token_policies: attribute.set('The policies of the token.', { each: lowerCase, policies: true, aliases: ['policies'] }),
  token_strictly_bind_ip: attribute.flag('Whether the token is bound to the address of the login.'),
  token_ttl: attribute.span('How long the token lives.'),
  token_type: attribute.choice('What kind of token a login gives.', ['default', 'service', 'batch', 'default-service', 'default-batch'], {
    tidy: value => (value === 'default-service' ? 'service' : value === 'default-batch' ? 'batch' : value),
  }),
}

function contradictions(values: Values): readonly Contradiction[] {
  const found: Contradiction[] = []
  const number = (name: string): number => Number(values[name] ?? 0)
  const isEmpty = (name: string): boolean => (values[name] as readonly string[] | undefined)?.length === 0
  const refuse = (attribute: string, why: string): void => void found.push({ attribute, why })
  if (values['bind_secret_id'] === false && isEmpty('secret_id_bound_cidrs') && isEmpty('token_bound_cidrs')) {
    refuse('bind_secret_id', 'a role without a secret ID needs secret_id_bound_cidrs or token_bound_cidrs')
  }
  if (number('token_max_ttl') > 0 && number('token_ttl') > number('token_max_ttl'))
    refuse('token_ttl', 'token_ttl is longer than token_max_ttl')
  if (values['token_type'] === 'batch') {
    if (number('token_num_uses') !== 0) refuse('token_num_uses', 'a batch token has no limited number of uses')
    if (number('token_period') !== 0) refuse('token_period', 'a batch token cannot be periodic')
  }
  if (values['token_strictly_bind_ip'] === true && !isEmpty('token_bound_cidrs')) {
    refuse('token_strictly_bind_ip', 'token_strictly_bind_ip and token_bound_cidrs exclude each other')
  }
  return found
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
