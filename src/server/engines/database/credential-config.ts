/** What a role says of its credentials (`credential_config`), by their type. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { f } from '../../../schema/index.ts'
import { messageOf } from './live-database.ts'
import type { CredentialType } from './plugin/index.ts'
import type { CredentialConfig } from './role.ts'
import { parseNames } from './usernames.ts'

const TYPES: readonly string[] = ['password', 'rsa_private_key', 'client_certificate'] satisfies CredentialType[]

/** @throws Error in the peer's words */
export function credentialType(word: string): CredentialType {
  if (TYPES.includes(word)) return word as CredentialType
  throw new Error(`invalid credential_type ${JSON.stringify(word)}`)
}

/**
 * What is kept of it: only the words that the type has.
 * @throws Error in the peer's words
 */
export function credentialConfig(type: CredentialType, given: ReadonlyMap<string, string>): CredentialConfig {
  return CHECKS[type](given)
}

/** Without what must not be read back. */
export function shownCredentialConfig(config: CredentialConfig): { readonly credential_config?: CredentialConfig } {
  const { ca_private_key: _, ...shown } = config
  return Object.keys(shown).length === 0 ? {} : { credential_config: shown }
}

type Given = ReadonlyMap<string, string>
const CHECKS: Readonly<Record<CredentialType, (given: Given) => CredentialConfig>> = {
  password(given) {
    const policy = given.get('password_policy') ?? ''
    return policy === '' ? {} : { password_policy: policy }
  },
  rsa_private_key(given) {
    const format = given.get('format') || 'pkcs8'
    const bits = whole(given, 'key_bits') || 2048
    if (format.toLowerCase() !== 'pkcs8') throw new Error(`invalid format: ${format}`)
    if (![2048, 3072, 4096].includes(bits)) throw new Error(`invalid key_bits: ${bits}`)
    return { format, key_bits: bits }
  },
  client_certificate(given) {
    const type = given.get('key_type') ?? ''
    const sizes = KEY_SIZES[type]
    if (sizes === undefined) throw new Error('invalid key_type')
    const [least = 0] = sizes
    const keyBits = whole(given, 'key_bits') || least
    if (sizes.length > 0 && !sizes.includes(keyBits)) throw new Error('invalid key_bits')
    const signatureBits = whole(given, 'signature_bits') || 256
    if (![256, 384, 512].includes(signatureBits)) throw new Error('invalid signature_bits')
    const [template, caCert, caKey] = ['common_name_template', 'ca_cert', 'ca_private_key'].map(it => given.get(it) ?? '') as [
      string,
      string,
      string,
    ]
    if (template === '') throw new Error('missing required common_name_template')
    checkTemplate(template)
    if (caCert === '') throw new Error('missing required ca_cert')
    if (caKey === '') throw new Error('missing required ca_private_key')
    checkAuthority(caCert, caKey)
    return {
      ca_cert: caCert,
      ca_private_key: caKey,
      common_name_template: template,
      key_type: type,
      ...(keyBits !== 0 && { key_bits: keyBits }),
      signature_bits: signatureBits,
    }
  },
}

/** The first is taken when none is asked for; none at all where the type has one size only. */
const KEY_SIZES: Readonly<Record<string, readonly number[] | undefined>> = {
  rsa: [2048, 3072, 4096],
  ec: [256, 224, 384, 521],
  ed25519: [],
}

const INT = f.int('A whole number.')

function whole(given: Given, name: string): number {
  let wrong = ''
  const value = INT.decode(given.get(name) ?? 0, (why): undefined => void (wrong = why.replace("''", `'${name}'`)))
  if (value === undefined) throw new Error(`decoding failed due to the following error(s):\n\n${wrong}`)
  return value
}

function checkTemplate(template: string): void {
  try {
    parseNames(template)
  } catch (cause) {
    throw new Error(`failed to create template: ${messageOf(cause)}`, { cause })
  }
}

/** The messages never hold anything of the key. */
function checkAuthority(certificate: string, key: string): void {
  if (!certificate.includes('-----BEGIN ') || !key.includes('-----BEGIN ')) throw new Error('no data found in PEM block')
  const parsed = attempt(() => new X509Certificate(certificate), 'certificate not found in the PEM bundle')
  const privateKey = attempt(() => createPrivateKey(key), 'private key not found in the PEM bundle')
  if (!parsed.ca) throw new Error('the given certificate is not marked for CA use')
  if (!parsed.checkPrivateKey(privateKey)) throw new Error('the given private key is not that of the certificate')
}

function attempt<T>(work: () => T, otherwise: string): T {
  try {
    return work()
  } catch {
    throw new Error(otherwise)
  }
}
