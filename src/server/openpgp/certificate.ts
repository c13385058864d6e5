/** Which key of a certificate is to be encrypted to: one that the primary key vouches for, that is made for it, and is in force now. */
import { OpenPgpError } from './error.ts'
import { uint } from './octets.ts'
import { readPackets, TAG, type Packet } from './packets.ts'
import { hashed, readPublicKey, type PublicKey } from './public-key.ts'
import { isBy, KIND, readSignature, type Signature } from './signature.ts'

export interface EncryptionKey {
  /** Of the primary key. */
  readonly fingerprint: string
  readonly key: PublicKey
  readonly ciphers: readonly number[]
}

/** Encrypt communications, or storage (RFC 9580, section 5.2.3.29). */
const ENCRYPTS = 0x04 | 0x08

interface Part {
  readonly packet: Packet
  readonly signatures: readonly Signature[]
}

/** @throws OpenPgpError */
export function readCertificate(bytes: Uint8Array, now: Date): EncryptionKey {
  const [first, ...others] = parts(readPackets(bytes))
  if (first === undefined || first.packet.tag !== TAG.publicKey) throw OpenPgpError.invalid('first packet was not a public/private key')
  const primary = readPublicKey(first.packet.body)
  const seconds = Math.floor(now.getTime() / 1000)
  const unusable = (): OpenPgpError =>
    new OpenPgpError(
      `openpgp: invalid argument: cannot encrypt a message to key id ${primary.id.toString('hex')} because it has no valid encryption keys`,
    )
  const ofPrimary = first.signatures.filter(it => isBy(primary, it, hashed(primary)))
  if (ofPrimary.some(it => it.type === KIND.keyRevocation)) throw unusable()
  const self = selfSignature(primary, ofPrimary, others, seconds)
  if (self === undefined) throw OpenPgpError.invalid('entity without any valid identities')
  if (isExpired(primary, self, seconds)) throw unusable()
  const key = subkeyOf(primary, others, seconds) ?? (mayEncrypt(primary, self) ? primary : undefined)
  if (key === undefined) throw unusable()
  return { fingerprint: primary.fingerprint, key, ciphers: self.ciphers }
}

/** Each packet with the signatures that follow it. */
function parts(packets: readonly Packet[]): readonly Part[] {
  const found: { readonly packet: Packet; readonly signatures: Signature[] }[] = []
  for (const packet of packets) {
    // A second key in the same text is another's.
    if (packet.tag === TAG.publicKey && found.length > 0) break
    if (packet.tag !== TAG.signature) {
      found.push({ packet, signatures: [] })
      continue
    }
    const signature = readSignature(packet.body)
    if (signature !== undefined) found.at(-1)?.signatures.push(signature)
  }
  return found
}

const isInForce = (it: Signature, now: number): boolean => it.created <= now && (it.expiresIn === 0 || it.created + it.expiresIn > now)

/** The newest word of the key on itself: on its primary name first. */
function selfSignature(primary: PublicKey, onKey: readonly Signature[], others: readonly Part[], now: number): Signature | undefined {
  const onNames = others
    .filter(it => it.packet.tag === TAG.userId)
    .flatMap(({ packet: { body }, signatures }) => {
      const data = Buffer.concat([hashed(primary), uint(0xb4, 1), uint(body.length, 4), body])
      return signatures.filter(it => (KIND.certification as readonly number[]).includes(it.type) && isBy(primary, it, data))
    })
  const candidates = [...onNames, ...onKey.filter(it => it.type === KIND.key)].filter(it => isInForce(it, now))
  return candidates.toSorted((a, b) => Number(b.primary) - Number(a.primary) || b.created - a.created)[0]
}

const isExpired = (key: PublicKey, { keyExpiresIn }: Signature, now: number): boolean =>
  key.created > now || (keyExpiresIn !== 0 && key.created + keyExpiresIn <= now)

function mayEncrypt({ material }: PublicKey, { flags }: Signature): boolean {
  const able = material.is === 'ecdh' || (material.is === 'rsa' && material.encrypts)
  return able && (flags === undefined || (flags & ENCRYPTS) !== 0)
}

/** The newest one that may be used. */
function subkeyOf(primary: PublicKey, others: readonly Part[], now: number): PublicKey | undefined {
  const usable = others
    .filter(it => it.packet.tag === TAG.publicSubkey)
    .flatMap(({ packet, signatures }) => {
      const key = readPublicKey(packet.body)
      const own = signatures.filter(it => isBy(primary, it, Buffer.concat([hashed(primary), hashed(key)])))
      if (own.some(it => it.type === KIND.subkeyRevocation)) return []
      const [binding] = own.filter(it => it.type === KIND.subkey && isInForce(it, now)).toSorted((a, b) => b.created - a.created)
      return binding !== undefined && !isExpired(key, binding, now) && mayEncrypt(key, binding) ? [key] : []
    })
  return usable.toSorted((a, b) => b.created - a.created)[0]
}
