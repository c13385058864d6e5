/** Which policies a new token gets: what was asked for, within what its parent and its role allow. */
import { faults, type TokenEntry } from '../../logical/index.ts'
import { listed, matchesGlob, type TokenRole } from './role.ts'
import { sanitize } from './sanitize.ts'

interface Wish {
  readonly policies?: readonly string[]
  readonly noDefaultPolicy: boolean
}

export function childPolicies(wish: Wish, parent: TokenEntry, sudo: boolean, role: TokenRole | undefined): readonly string[] {
  const { noDefaultPolicy } = wish
  let policies = wish.policies ?? []
  let addDefault = false
  if (
    role &&
    (role.allowedPolicies.length > 0 ||
      role.disallowedPolicies.length > 0 ||
      role.allowedPoliciesGlob.length > 0 ||
      role.disallowedPoliciesGlob.length > 0)
  ) {
    policies = byRole(policies, noDefaultPolicy, parent, role)
  } else if (policies.length === 0) {
    policies = parent.policies
  } else if (sudo) {
    addDefault = !noDefaultPolicy
  } else {
    const own = new Set(parent.policies)
    if (!sanitize(policies, false).every(it => own.has(it))) throw faults.refused({ why: 'child policies must be subset of parent' })
    addDefault = !noDefaultPolicy && own.has('default')
  }
  const final = sanitize(policies, addDefault).filter(it => !(noDefaultPolicy && it === 'default'))
  if (final.includes('response-wrapping')) throw faults.refused({ why: 'cannot assign policy "response-wrapping"' })
  return final
}

function byRole(asked: readonly string[], noDefaultPolicy: boolean, parent: TokenEntry, role: TokenRole): readonly string[] {
  const addDefault =
    !noDefaultPolicy &&
    !role.tokenNoDefaultPolicy &&
    !role.disallowedPolicies.includes('default') &&
    !matchesGlob(role.disallowedPoliciesGlob, 'default')
  let final = asked.length > 0 ? sanitize(asked, addDefault) : []
  if (role.allowedPolicies.length > 0 || role.allowedPoliciesGlob.length > 0) {
    const allowed = sanitize(role.allowedPolicies, addDefault)
    if (final.length === 0) final = allowed
    else {
      const globs = sanitize(role.allowedPoliciesGlob, false)
      if (!final.every(it => allowed.includes(it) || matchesGlob(globs, it)))
        throw faults.refused({
          why: `token policies (${listed(final)}) must be subset of the role's allowed policies (${listed(allowed)}) or glob policies (${listed(globs)})`,
        })
    }
  } else if (final.length === 0) final = sanitize(parent.policies, addDefault)
  const refused = final.find(it => role.disallowedPolicies.includes(it) || matchesGlob(role.disallowedPoliciesGlob, it))
  if (refused !== undefined) throw faults.refused({ why: `token policy ${JSON.stringify(refused)} is disallowed by this role` })
  return final
}
