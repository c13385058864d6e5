import { attribute, boundAddress, lowerCase, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType } from '../mount-type.ts'
import { textOf, type Values } from '../../model/index.ts'

/** https://developer.hashicorp.com/vault/api-docs/auth/token, as OpenBao answers it. */
const role: Shape = {
  allowed_entity_aliases: attribute.set('The entity aliases that may be asked for.', { each: lowerCase }),
  allowed_policies: attribute.set('The policies that may be asked for.', { each: lowerCase, policies: true }),
  allowed_policies_glob: attribute.set('The same by pattern.', { each: lowerCase }),
  disallowed_policies: attribute.set('The policies that may not be asked for.', { each: lowerCase }),
  disallowed_policies_glob: attribute.set('The same by pattern.', { each: lowerCase }),
  orphan: attribute.flag('Whether the token outlives its maker.'),
  path_suffix: attribute.text('Ends the path of the token, so that it can be revoked by prefix.'),
  renewable: attribute.flag('Whether the token can be renewed.', { fallback: true }),
  token_bound_cidrs: attribute.set('From where the token may be used.', { each: boundAddress, aliases: ['bound_cidrs'] }),
  token_explicit_max_ttl: attribute.span('How long the token lives at most.', { aliases: ['explicit_max_ttl'] }),
  token_no_default_policy: attribute.flag('Whether the token goes without the default policy.'),
  token_num_uses: attribute.count('How often the token may be used; 0 for any number.'),
  token_period: attribute.span('The period of a token that can be renewed for ever.', { aliases: ['period'] }),
  token_type: attribute.choice('What kind of token is made.', ['default-service', 'service', 'batch', 'default-batch']),
}

function contradictions(values: Values): readonly Contradiction[] {
  const found: Contradiction[] = []
  const refuse = (attribute: string, why: string): void => void found.push({ attribute, why })
  const suffix = textOf(values['path_suffix'])
  if (suffix !== '' && !/^\w[\w.-]+\w$/.test(suffix))
    refuse('path_suffix', 'path_suffix has at least three letters, digits, _, and . and - inside')
  if (values['token_type'] !== 'batch') return found
  if (values['orphan'] !== true) refuse('orphan', 'batch tokens of a role are orphans: say orphan: true')
  if (values['renewable'] !== false) refuse('renewable', 'a batch token cannot be renewed: say renewable: false')
  for (const name of ['token_period', 'token_num_uses', 'token_explicit_max_ttl']) {
    if (Number(values[name] ?? 0) !== 0) refuse(name, `a batch token has no ${name}`)
  }
  return found
}

const roles: Collection = {
  is: 'collection',
  doc: 'Roles for tokens that are made by other tokens.',
  path: 'roles',
  noun: 'token role',
  shape: role,
  foldsNames: false,
  contradictions,
}

export const token: MountType = {
  type: 'token',
  table: 'auth',
  doc: 'The tokens themselves.',
  builtInAt: 'token',
  sections: { roles },
}
