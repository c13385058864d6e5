import type { Values } from '../model/index.ts'
import { attribute, boundAddress, lowerCase, type Shape } from './attribute.ts'
import type { Contradiction } from './mount-type.ts'

export type OldName = 'bound_cidrs' | 'max_ttl' | 'num_uses' | 'period' | 'policies' | 'ttl'

/**
 * What every auth method says of the tokens that its logins give.
 *
 * @param old which of the names without `token_` the method still takes
 */
export function tokenAttributes(old: readonly OldName[]): Shape {
  const older = (name: OldName): { readonly aliases: readonly string[] } => ({ aliases: old.includes(name) ? [name] : [] })
  return {
    token_bound_cidrs: attribute.set('From where the token may be used.', { each: boundAddress, ...older('bound_cidrs') }),
    token_explicit_max_ttl: attribute.span('How long the token lives at most, whatever the mount says.'),
    token_max_ttl: attribute.span('How long the token can be renewed.', older('max_ttl')),
    token_no_default_policy: attribute.flag('Whether the token goes without the default policy.'),
    token_num_uses: attribute.count('How often the token may be used; 0 for any number.', older('num_uses')),
    token_period: attribute.span('The period of a token that can be renewed for ever.', older('period')),
    token_policies: attribute.set('The policies of the token.', { each: lowerCase, policies: true, ...older('policies') }),
    token_strictly_bind_ip: attribute.flag('Whether the token is bound to the address of the login.'),
    token_ttl: attribute.span('How long the token lives.', older('ttl')),
    token_type: attribute.choice('What kind of token a login gives.', ['default', 'service', 'batch', 'default-service', 'default-batch'], {
      tidy: value => (value === 'default-service' ? 'service' : value === 'default-batch' ? 'batch' : value),
    }),
  }
}

/** What the server refuses of tokens, whatever the method. */
export function tokenContradictions(values: Values): readonly Contradiction[] {
  const found: Contradiction[] = []
  const number = (name: string): number => Number(values[name] ?? 0)
  const refuse = (attribute: string, why: string): void => void found.push({ attribute, why })
  if (number('token_max_ttl') > 0 && number('token_ttl') > number('token_max_ttl'))
    refuse('token_ttl', 'token_ttl is longer than token_max_ttl')
  if (values['token_type'] === 'batch') {
    if (number('token_num_uses') !== 0) refuse('token_num_uses', 'a batch token has no limited number of uses')
    if (number('token_period') !== 0) refuse('token_period', 'a batch token cannot be periodic')
  }
  if (values['token_strictly_bind_ip'] === true && !isNothing(values['token_bound_cidrs'])) {
    refuse('token_strictly_bind_ip', 'token_strictly_bind_ip and token_bound_cidrs exclude each other')
  }
  return found
}

/** Not said, or an empty list or text. */
export const isNothing = (value: Values[string] | undefined): boolean =>
  value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
