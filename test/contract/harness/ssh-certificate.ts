/** SSH certificates (PROTOCOL.certkeys of OpenSSH) as trees, so that those that two servers make for one request can be compared. */
import { createHash, createPublicKey, verify } from 'node:crypto'
import { mpintOf, Reader } from '../../../src/server/engines/ssh/wire.ts'

const LINE = /^(\S+-cert-v01@openssh\.com) ([A-Za-z0-9+/=]+)\n$/
/** How many values a key of each type has. */
const PARTS: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-dss': 4,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'ssh-ed25519': 1,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
}

function pairs(bytes: Buffer): readonly (readonly [string, string])[] {
  const reader = new Reader(bytes)
  const all: [string, string][] = []
  while (!reader.isAtEnd) {
    const name = reader.text()
    const value = reader.string()
    all.push([name, value.length === 0 ? '' : new Reader(value).text()])
  }
  return all
}

function texts(bytes: Buffer): readonly string[] {
  const reader = new Reader(bytes)
  const all: string[] = []
  while (!reader.isAtEnd) all.push(reader.text())
  return all
}

const url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

/** Whether the signature is that of the key in the certificate: checked by node:crypto, not by what made it. */
function isSigned(signed: Buffer, signer: Buffer, signature: Buffer): boolean {
  const [key, value] = [new Reader(signer), new Reader(signature)]
  const [type, algorithm] = [key.text(), value.text()]
  const bytes = value.string()
  if (type === 'ssh-ed25519') {
    const jwk = { kty: 'OKP', crv: 'Ed25519', x: url(key.string()) }
    return verify(null, signed, createPublicKey({ format: 'jwk', key: jwk }), bytes)
  }
  if (type === 'ssh-rsa') {
    const [e, n] = [url(key.mpint()), url(key.mpint())]
    const hash = { 'ssh-rsa': 'sha1', 'rsa-sha2-256': 'sha256', 'rsa-sha2-512': 'sha512' }[algorithm]
    return verify(hash, signed, createPublicKey({ format: 'jwk', key: { kty: 'RSA', e, n } }), bytes)
  }
  const curve = key.text()
  const point = key.string().subarray(1)
  const half = point.length / 2
  const crv = curve.replace('nistp', 'P-')
  const jwk = { kty: 'EC', crv, x: url(point.subarray(0, half)), y: url(point.subarray(half)) }
  const numbers = new Reader(bytes)
  const der = ecdsaDer(numbers.mpint(), numbers.mpint())
  return verify({ 'P-256': 'sha256', 'P-384': 'sha384', 'P-521': 'sha512' }[crv], signed, createPublicKey({ format: 'jwk', key: jwk }), der)
}

/** RFC 3279, section 2.2.3. */
function ecdsaDer(r: Buffer, s: Buffer): Buffer {
  const integer = (value: Buffer): Buffer => {
    const bytes = mpintOf(value).subarray(4)
    return Buffer.concat([Buffer.of(2, bytes.length), bytes])
  }
  const body = Buffer.concat([integer(r), integer(s)])
  return Buffer.concat([body.length > 127 ? Buffer.of(0x30, 0x81, body.length) : Buffer.of(0x30, body.length), body])
}

/** undefined: the text is no certificate. */
export function describeSshCertificate(text: string): Readonly<Record<string, unknown>> | undefined {
  const [, type = '', base64] = LINE.exec(text) ?? []
  if (base64 === undefined) return undefined
  const blob = Buffer.from(base64, 'base64')
  const reader = new Reader(blob)
  const kind = reader.text()
  const plain = type.replace(/-cert-v01@openssh\.com$/, '')
  const keyType = plain.startsWith('sk-') ? `${plain}@openssh.com` : plain
  const nonce = reader.string()
  const before = reader.rest()
  const rest = new Reader(before)
  for (let i = 0; i < (PARTS[keyType] ?? 0); i++) rest.string()
  const after = rest.rest()
  const body = before.subarray(0, before.length - after.length)
  const facts = new Reader(after)
  facts.uint64()
  const [kindNumber, keyId] = [facts.uint32(), facts.text()]
  const [principals, from, to] = [texts(facts.string()), facts.uint64(), facts.uint64()]
  const [critical, extensions, reserved] = [pairs(facts.string()), pairs(facts.string()), facts.string()]
  const [signer, signature] = [facts.string(), facts.string()]
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(keyType))
  const hash = createHash('sha256')
    .update(Buffer.concat([length, Buffer.from(keyType), body]))
    .digest('hex')
  return {
    type,
    inside: kind,
    nonce_bytes: nonce.length,
    kind: kindNumber,
    key_id: keyId.replace(hash, '(hash of the key)'),
    principals,
    valid_after: Number(from),
    valid_before_after: Number(to - from),
    critical,
    extensions,
    reserved: reserved.length,
    signer: new Reader(signer).text(),
    algorithm: new Reader(signature).text(),
    signed: isSigned(blob.subarray(0, blob.length - 4 - signature.length), signer, signature),
    at_end: facts.isAtEnd,
  }
}
