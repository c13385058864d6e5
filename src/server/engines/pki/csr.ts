/** Requests for signing (CSR), read from what a client sent, and their keys held against a role. */
import type { KeyObject } from 'node:crypto'
import { faults } from '../../logical/index.ts'
import { CertificateRequest, DerError, familyOf, readPem } from '../../x509/index.ts'
import { keyBits } from './key-types.ts'
import type { Role } from './role.ts'

const user = (why: string): Error => faults.refused({ why })

/** @throws a fault for what is none */
export function readRequest(pem: string): CertificateRequest {
  if (pem === '') throw user('"csr" is empty')
  const found = readPem(pem)
  if (found === undefined) throw user('csr contains no data')
  try {
    return new CertificateRequest(found.block.bytes)
  } catch (cause) {
    if (!(cause instanceof DerError)) throw cause
    throw faults.refused({ why: `certificate request could not be parsed: x509: ${cause.message}` }, { cause })
  }
}

const SHOWN: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519', mldsa: 'ML-DSA' }

/** The role, once it is known which key it is for. @throws a fault for a key that it does not allow */
export function requestKey(request: CertificateRequest, role: Role): Role {
  const key = keyOf(request)
  const family = key && familyOf(key)
  if (key === undefined || family === undefined || SHOWN[family] === undefined)
    throw user(
      'Refusing to sign CSR with empty PublicKey. This usually means the SubjectPublicKeyInfo field has an OID not recognized by Go, such as 1.2.840.113549.1.1.10 for rsaPSS.',
    )
  if (role.keyType !== 'any' && role.keyType !== family) throw user(`role requires keys of type ${role.keyType}`)
  const bits = keyBits(key)
  if (role.keyType === 'any' && family === 'rsa' && bits < 2048) throw user('RSA keys < 2048 bits are unsafe and not supported')
  const least = role.keyType === 'any' ? (family === 'rsa' ? 2048 : family === 'ec' ? 224 : 0) : role.keyBits
  if (family !== 'ed25519' && bits < least) throw user(`role requires a minimum of a ${least}-bit key, but CSR's key is ${bits} bits`)
  if (family === 'rsa' && bits < 2048) throw user(`OpenBao requires a minimum of a 2048-bit key, but CSR's key is ${bits} bits`)
  return role
}

function keyOf(request: CertificateRequest): KeyObject | undefined {
  try {
    return request.publicKey
  } catch {
    return undefined
  }
}
