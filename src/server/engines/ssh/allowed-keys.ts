/** Which keys a role lets be signed, and be made. The words of a refusal are the peer's. */
import { faults } from '../../logical/index.ts'
import type { CaRole } from './role.ts'
import type { SshPublicKey } from './public-key.ts'

/** Under which names a role may speak of a type of key. */
function namesOf(type: string, bits: number): readonly string[] {
  switch (type) {
    case 'rsa':
      return ['rsa', 'ssh-rsa']
    case 'dsa':
      return ['dsa', 'ssh-dss']
    case 'ecdsa':
      return ['ecdsa', 'ec', ...([256, 384, 521].includes(bits) ? [`ecdsa-sha2-nistp${bits}`] : [])]
    case 'ed25519':
      return ['ed25519', 'ssh-ed25519']
    default:
      return []
  }
}

const own = (role: CaRole, name: string): readonly number[] | null | undefined =>
  Object.hasOwn(role.allowedUserKeyLengths, name) ? role.allowedUserKeyLengths[name] : undefined

/** The curve is in the name `ecdsa-sha2-nistp256`, and an Ed25519 key has one length: there any number will do. */
function checkKey({ family, bits }: SshPublicKey, role: CaRole): void {
  if (family === 'sk') throw new Error('public key type of  is not allowed')
  const said = namesOf(family, bits).flatMap(name => {
    const lengths = own(role, name)
    return lengths === undefined ? [] : [{ name, lengths: lengths ?? [] }]
  })
  if (said.length === 0) throw new Error(`key of type ${family} is not allowed`)
  const counts = (name: string): boolean => family === 'rsa' || family === 'dsa' || name === 'ec' || name === 'ecdsa'
  const fits = said.some(({ name, lengths }) => (counts(name) ? lengths.includes(bits) : lengths.length > 0))
  if (!fits) throw new Error(`key is of an invalid size: ${bits}`)
}

/** A key that somebody brings. */
export function checkKeyToSign(key: SshPublicKey, role: CaRole): void {
  if (Object.keys(role.allowedUserKeyLengths).length === 0) return
  try {
    checkKey(key, role)
  } catch (cause) {
    throw faults.refused({ why: `public_key failed to meet the key requirements: ${(cause as Error).message}` }, { cause })
  }
}

/** A key that shall be made. Its type is looked up as it is asked for. */
export function checkKeyToMake(type: string, bits: number, role: CaRole): void {
  if (Object.keys(role.allowedUserKeyLengths).length === 0) return
  const said = namesOf(type, bits).flatMap(name => {
    const lengths = own(role, name)
    return lengths === undefined ? [] : [lengths ?? []]
  })
  if (said.length === 0) throw faults.refused({ why: 'provided key_type value not in allowed_user_key_types' })
  if (!said.some(it => it.includes(bits)))
    throw faults.refused({ why: "provided key_bits value not in list of role's allowed_user_key_types" })
}
