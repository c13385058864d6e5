/** The store of password policies. A policy is parsed again for each password: that is rare, and far from the hot path. */
import { decodePolicyText } from '../../../hcl/policy/index.ts'
import type { Random } from '../../../kernel/index.ts'
import { faults, type PasswordPoliciesPort, type View } from '../../logical/index.ts'
import { decodeRecord, encodeRecord } from '../record.ts'
import { namesByLevel, policyName, storageName } from '../policy-names.ts'
import { generatePassword } from './generate.ts'
import { parsePasswordPolicy } from './policy.ts'

interface Stored {
  readonly policy: string
}
const SHORTEST = 4
const LONGEST = 100

export class PasswordPolicies implements PasswordPoliciesPort {
  readonly #view: View
  readonly #random: Random

  /** `view`: that of `sys/password-policy/`. */
  constructor(view: View, random: Random) {
    this.#view = view
    this.#random = random
  }

  async names(): Promise<readonly string[]> {
    return (await namesByLevel(this.#view)).map(policyName)
  }

  async read(name: string): Promise<string | undefined> {
    const bytes = await this.#view.get(storageName(name))
    return bytes && decodeRecord<Stored>(bytes).policy
  }

  async write(name: string, given: string): Promise<void> {
    const text = decodePolicyText(given)
    const parsed = parsePasswordPolicy(text)
    if ('error' in parsed) throw faults.refusedAs({ why: `invalid password policy: ${parsed.error}` })
    const { length } = parsed.value
    if (length < SHORTEST || length > LONGEST)
      throw faults.refusedAs({ why: `passwords must be between ${SHORTEST} and ${LONGEST} characters` })
    await this.#view.put(storageName(name), encodeRecord({ policy: text } satisfies Stored))
  }

  delete(name: string): Promise<void> {
    return this.#view.delete(storageName(name))
  }

  async generate(name: string): Promise<string | undefined> {
    const text = await this.read(name)
    if (text === undefined) return undefined
    const parsed = parsePasswordPolicy(text)
    if ('error' in parsed) throw faults.failedAs({ why: `stored password policy configuration failed to parse: ${parsed.error}` })
    const made = generatePassword(parsed.value, this.#random)
    if ('error' in made) throw faults.failedAs({ why: `failed to generate password from policy: ${made.error}` })
    return made.password
  }
}
