/** A snapshot as a file: JSON whose payload bears an Ed25519 signature (RFC 8032). */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto'
import { parseJson, stringifyJson } from '../../../kernel/index.ts'
import type { SnapshotBody } from './snapshot.ts'

/** A file that is no snapshot, not signed by the key that counts, or too old. */
export class SnapshotUnusable extends Error {}

const FORMAT = '1.0'
const LARGEST = 64 * 1024 * 1024

export interface SnapshotKeys {
  /** PKCS #8 PEM. */
  readonly privateKey: string
  /** SPKI PEM. */
  readonly publicKey: string
}

export function newSnapshotKeys(): SnapshotKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  }
}

function keyOf(pem: string, make: (pem: string) => KeyObject, what: string): KeyObject {
  let key: KeyObject
  try {
    key = make(pem)
  } catch (cause) {
    throw new SnapshotUnusable(`${what} cannot be read: expected a key in PEM, as "snapshot keygen" writes it`, { cause })
  }
  if (key.asymmetricKeyType !== 'ed25519') throw new SnapshotUnusable(`${what} is of another kind: expected Ed25519`)
  return key
}

const idOf = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url')
    .slice(0, 16)

/** @throws SnapshotUnusable when the key is none */
export function encodeSnapshot({ takenAt, expiresAt, target, answers }: SnapshotBody, privatePem: string): string {
  const key = keyOf(privatePem, pem => createPrivateKey(pem), 'the private key')
  const payload = stringifyJson({ taken_at: takenAt.toISOString(), expires_at: expiresAt.toISOString(), target, answers })
  const keyId = idOf(createPublicKey(key.export({ type: 'pkcs8', format: 'pem' })))
  const signature = sign(null, signedBytes(payload), key).toString('base64')
  return `${JSON.stringify({ format_version: FORMAT, key_id: keyId, signature, payload }, null, 1)}\n`
}

/** The payload as it stands in the file, to the byte: nothing has to be brought into a form before it can be checked. */
const signedBytes = (payload: string): Buffer => Buffer.from(`lockstep snapshot ${FORMAT}\n${payload}`, 'utf8')

/**
 * @param publicPem whose signature counts: given by whoever plans, never by the file
 * @throws SnapshotUnusable
 */
export function decodeSnapshot(text: string, publicPem: string, now: Date): SnapshotBody {
  if (publicPem.includes('PRIVATE KEY')) throw new SnapshotUnusable('the public key is a private one: keep that where snapshots are taken')
  const key = keyOf(publicPem, pem => createPublicKey(pem), 'the public key')
  if (text.length > LARGEST) throw new SnapshotUnusable('the snapshot is too large')
  const { format_version: version, key_id: keyId, signature, payload } = objectIn(text)
  if (version !== FORMAT || typeof payload !== 'string')
    throw new SnapshotUnusable('this is no snapshot, or one of another version of Lockstep')
  if (keyId !== idOf(key)) throw new SnapshotUnusable('the snapshot is signed by another key')
  const given = typeof signature === 'string' ? Buffer.from(signature, 'base64') : Buffer.alloc(0)
  if (!verify(null, signedBytes(payload), key, given))
    throw new SnapshotUnusable('the signature of the snapshot is wrong: it was changed after it was taken')
  // From here on it is what we wrote.
  const body = objectIn(payload) as unknown as Written
  const expiresAt = new Date(body.expires_at)
  if (now >= expiresAt) throw new SnapshotUnusable(`the snapshot has run out at ${body.expires_at}; take a new one`)
  return { takenAt: new Date(body.taken_at), expiresAt, target: body.target, answers: body.answers }
}

interface Written {
  readonly taken_at: string
  readonly expires_at: string
  readonly target: SnapshotBody['target']
  readonly answers: SnapshotBody['answers']
}

function objectIn(text: string): Readonly<Record<string, unknown>> {
  let parsed: unknown
  try {
    parsed = parseJson(text)
  } catch (cause) {
    throw new SnapshotUnusable('this is no snapshot: it is no JSON', { cause })
  }
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as Readonly<Record<string, unknown>>
  throw new SnapshotUnusable('this is no snapshot')
}
