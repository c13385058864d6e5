/** Private keys as OpenSSH keeps them, `openssh-key-v1` (PROTOCOL.key of OpenSSH), without a passphrase. */
import { createPrivateKey, type KeyObject } from 'node:crypto'
import { CURVES, isCurve, KeyRefused } from './public-key.ts'
import { Reader, ShortMessage, stringOf, uint32Of } from './wire.ts'

const MAGIC = Buffer.from('openssh-key-v1\0')
const BLOCK = 8

const url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
/** Of a fixed length: a point's coordinates have no zeros cut off. */
const padded = (bytes: Buffer, length: number): Buffer => Buffer.concat([Buffer.alloc(Math.max(0, length - bytes.length)), bytes])

/** @throws KeyRefused in the peer's words */
export function readOpensshKey(bytes: Buffer): KeyObject {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) throw new KeyRefused('ssh: invalid openssh private key format')
  try {
    const reader = new Reader(bytes.subarray(MAGIC.length))
    const [cipher, kdf] = [reader.text(), reader.text()]
    reader.string()
    if (reader.uint32() !== 1) throw new KeyRefused('ssh: multi-key files are not supported')
    reader.string()
    if (cipher !== 'none' || kdf !== 'none') throw new KeyRefused('ssh: this private key is passphrase protected')
    return secretPart(new Reader(reader.string()))
  } catch (cause) {
    if (cause instanceof KeyRefused) throw cause
    throw new KeyRefused('ssh: malformed OpenSSH key', { cause })
  }
}

function secretPart(reader: Reader): KeyObject {
  if (reader.uint32() !== reader.uint32()) throw new KeyRefused('ssh: malformed OpenSSH key')
  const type = reader.text()
  const key = keyOf(type, reader)
  reader.string()
  if (!reader.rest().every((byte, i) => byte === i + 1)) throw new KeyRefused('ssh: padding not as expected')
  return key
}

function keyOf(type: string, reader: Reader): KeyObject {
  const curve = type.replace(/^ecdsa-sha2-/, '')
  if (type === 'ssh-ed25519') {
    const [known, both] = [reader.string(), reader.string()]
    if (both.length !== 64) throw new KeyRefused('ssh: private key unexpected length')
    return createPrivateKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: url(known), d: url(both.subarray(0, 32)) } })
  }
  if (type === 'ssh-rsa') {
    const [n, e, d, qi, p, q] = [reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint(), reader.mpint()]
    const modulo = (prime: Buffer): string => {
      const value = big(d) % (big(prime) - 1n)
      const hex = value.toString(16)
      return url(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex'))
    }
    const key = { kty: 'RSA', n: url(n), e: url(e), d: url(d), p: url(p), q: url(q), dp: modulo(p), dq: modulo(q), qi: url(qi) }
    return createPrivateKey({ format: 'jwk', key })
  }
  if (isCurve(curve) && type !== curve) {
    if (reader.text() !== curve) throw new ShortMessage('two curves')
    const [point, secret] = [reader.string(), reader.mpint()]
    const length = Math.ceil(CURVES[curve].bits / 8)
    const [x, y] = [point.subarray(1, 1 + length), point.subarray(1 + length)]
    const key = { kty: 'EC', crv: CURVES[curve].jwk, x: url(x), y: url(y), d: url(padded(secret, length)) }
    return createPrivateKey({ format: 'jwk', key })
  }
  throw new KeyRefused('ssh: unhandled key type')
}

const big = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString('hex')}`)

/** An Ed25519 key as a PEM text that `ssh-keygen` reads. `check`: any number. */
export function writeOpensshKey(key: KeyObject, check: number): string {
  const { x = '', d = '' } = key.export({ format: 'jwk' })
  const [shown, secret] = [Buffer.from(x, 'base64url'), Buffer.from(d, 'base64url')]
  const known = Buffer.concat([stringOf('ssh-ed25519'), stringOf(shown)])
  const plain = Buffer.concat([uint32Of(check), uint32Of(check), known, stringOf(Buffer.concat([secret, shown])), stringOf('')])
  const padding = Buffer.from(Array.from({ length: (BLOCK - (plain.length % BLOCK)) % BLOCK }, (_, i) => i + 1))
  const whole = Buffer.concat([
    MAGIC,
    stringOf('none'),
    stringOf('none'),
    stringOf(''),
    uint32Of(1),
    stringOf(known),
    stringOf(Buffer.concat([plain, padding])),
  ])
  const lines = whole.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}
