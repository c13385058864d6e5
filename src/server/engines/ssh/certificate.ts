/** Certificates as OpenSSH signs them (PROTOCOL.certkeys of OpenSSH). */
import { sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { KeyRefused, publicKeyOf, type SshPublicKey } from './public-key.ts'
import { mpintOf, stringOf, uint32Of, uint64Of } from './wire.ts'

export type Options = Readonly<Record<string, string>>

export interface CertificateFacts {
  readonly key: SshPublicKey
  readonly serial: bigint
  readonly type: 'user' | 'host'
  readonly keyId: string
  /** Empty: good for any. */
  readonly principals: readonly string[]
  /** Seconds since 1970. */
  readonly validAfter: bigint
  readonly validBefore: bigint
  readonly criticalOptions: Options
  readonly extensions: Options
  /** 32 bytes that nobody can guess. */
  readonly nonce: Uint8Array
}

const TYPES = { user: 1, host: 2 } as const
const SUFFIX = '-cert-v01@openssh.com'

/** Each name with its value, in the order of their bytes. A value is a string within a string; an empty one is empty. */
function tuples(options: Options): Buffer {
  const names = Object.keys(options).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  return Buffer.concat(
    names.flatMap(name => {
      const value = options[name] ?? ''
      return [stringOf(name), stringOf(value === '' ? '' : stringOf(value))]
    }),
  )
}

/** `sk-ssh-ed25519@openssh.com` carries its domain already. */
const typeOf = ({ type }: SshPublicKey): string => type.replace(/@openssh\.com$/, '') + SUFFIX

function unsigned(facts: CertificateFacts, signer: SshPublicKey): Buffer {
  return Buffer.concat([
    stringOf(typeOf(facts.key)),
    stringOf(facts.nonce),
    facts.key.body,
    uint64Of(facts.serial),
    uint32Of(TYPES[facts.type]),
    stringOf(facts.keyId),
    stringOf(Buffer.concat(facts.principals.map(stringOf))),
    uint64Of(facts.validAfter),
    uint64Of(facts.validBefore),
    stringOf(tuples(facts.criticalOptions)),
    stringOf(tuples(facts.extensions)),
    stringOf(''),
    stringOf(signer.blob),
  ])
}

/** Hash by algorithm of an RSA signature (RFC 8332). */
const RSA_HASHES: Readonly<Record<string, string>> = { 'ssh-rsa': 'sha1', 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }
const EC_HASHES: Readonly<Record<number, string>> = { 256: 'sha256', 384: 'sha384', 521: 'sha512' }

const signOnPool = promisify(sign) as unknown as (hash: string | null, data: Uint8Array, key: object) => Promise<Buffer>

async function signature(data: Buffer, by: KeyObject, signer: SshPublicKey, wish: string): Promise<Buffer> {
  if (signer.family === 'rsa') {
    const algorithm = wish === 'default' ? 'rsa-sha2-256' : wish
    return Buffer.concat([stringOf(algorithm), stringOf(await signOnPool(RSA_HASHES[algorithm] ?? 'sha256', data, { key: by }))])
  }
  if (wish !== 'default')
    throw new KeyRefused(
      `failed to generate signed SSH key: sign error: ssh: unsupported signature algorithm "${wish}" for key format "${signer.type}"`,
    )
  if (signer.family === 'ed25519') return Buffer.concat([stringOf(signer.type), stringOf(await signOnPool(null, data, { key: by }))])
  const both = await signOnPool(EC_HASHES[signer.bits] ?? 'sha256', data, { key: by, dsaEncoding: 'ieee-p1363' })
  const half = both.length / 2
  const numbers = Buffer.concat([mpintOf(both.subarray(0, half)), mpintOf(both.subarray(half))])
  return Buffer.concat([stringOf(signer.type), stringOf(numbers)])
}

/**
 * The certificate, as a line of a `*-cert.pub` file.
 * @param algorithm of an RSA signature, or `default`
 * @throws KeyRefused when the key cannot sign so
 */
export async function certify(facts: CertificateFacts, by: KeyObject, algorithm: string): Promise<string> {
  const signer = publicKeyOf(by)
  if (signer === undefined) throw new KeyRefused('failed to generate signed SSH key: signer is not an AlgorithmSigner')
  const body = unsigned(facts, signer)
  const blob = Buffer.concat([body, stringOf(await signature(body, by, signer, algorithm))])
  return `${typeOf(facts.key)} ${blob.toString('base64')}\n`
}
