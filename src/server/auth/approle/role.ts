import { noTokenSettings, type TokenSettings } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'

/** A role as kept, `role/<name>`. Spans in seconds, 0: not set. */
export interface Role extends TokenSettings {
  /** In lower case, however the path was spelt. */
  readonly name: string
  /** Names this making of the role: a role that is deleted and made again has another, and none of the old secret ids. */
  readonly id: string
  /** Keys the HMACs under which secret ids are kept. 32 bytes, base64. */
  readonly hmacKey: string
  readonly roleId: string
  readonly bindSecretId: boolean
  /** null: never given, which the API shows. */
  readonly secretIdBoundCidrs: readonly string[] | null
  readonly secretIdNumUses: number
  readonly secretIdTtl: number
  readonly localSecretIds: boolean
  /** Set by the words of old clients, `policies` and `period`; shown back to them, and equal to the new ones. */
  readonly policies: readonly string[]
  readonly period: number
}

export const newRole = (name: string, id: string, hmacKey: string): Role => ({
  ...noTokenSettings,
  name,
  id,
  hmacKey,
  roleId: '',
  bindSecretId: true,
  secretIdBoundCidrs: null,
  secretIdNumUses: 0,
  secretIdTtl: 0,
  localSecretIds: false,
  policies: [],
  period: 0,
})

/** Something must bind a login, or whoever knows the role id, which is no secret, could log in. */
export function checkConstraints(role: Role): void {
  const bound = role.bindSecretId || (role.secretIdBoundCidrs ?? []).length > 0 || (role.tokenBoundCidrs ?? []).length > 0
  if (!bound) throw faults.failedAs({ why: 'at least one constraint should be enabled on the role' })
}

/** Policy names as core keeps them: trimmed, in lower case, sorted, each once; with `root` among them, that alone. */
export function parsedPolicies(names: readonly string[]): readonly string[] {
  const clean = new Set(names.map(it => it.trim().toLowerCase()).filter(it => it !== ''))
  return clean.has('root') ? ['root'] : [...clean].sort()
}

interface Legacy<V> {
  readonly old?: V
  readonly new?: V
}
/** Where a new word has an old twin: the new one wins, and the twin is set only when it was spoken too. */
export const legacyPolicies = (given: Legacy<readonly string[]>): Partial<Pick<Role, 'policies' | 'tokenPolicies'>> => {
  if (given.new !== undefined) return { tokenPolicies: given.new, policies: given.old === undefined ? [] : given.new }
  if (given.old === undefined) return {}
  const policies = parsedPolicies(given.old)
  return { tokenPolicies: policies, policies }
}
export const legacyPeriod = (given: Legacy<number>): Partial<Pick<Role, 'period' | 'tokenPeriod'>> => {
  if (given.new !== undefined) return { tokenPeriod: given.new, period: given.old === undefined ? 0 : given.new }
  return given.old === undefined ? {} : { tokenPeriod: given.old, period: given.old }
}
