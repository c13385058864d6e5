import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A certificate that certifies itself, made anew for each run, so that no private key lies in the repository. */
export interface SelfSigned {
  readonly cert: string
  readonly key: string
}

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts)
  const size = body.length < 0x80 ? [body.length] : body.length < 0x100 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), body])
}
const sequence = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts)
const oid = (...bytes: readonly number[]): Buffer => der(0x06, Buffer.from(bytes))
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)
const utcTime = (text: string): Buffer => der(0x18, Buffer.from(text))

/** RFC 5280 section 4.1, with just what Node asks of a certificate for 127.0.0.1 that is its own CA. */
function certificate(publicKey: KeyObject, privateKey: KeyObject): Buffer {
  const ecdsaWithSha256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02))
  const spki = publicKey.export({ type: 'spki', format: 'der' })
  const name = sequence(der(0x31, sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from('localhost')))))
  const basicConstraints = sequence(oid(0x55, 0x1d, 0x13), octets(sequence(der(0x01, Buffer.from([0xff])))))
  const alternatives = sequence(der(0x82, Buffer.from('localhost')), der(0x87, Buffer.from([127, 0, 0, 1])))
  const subjectAltName = sequence(oid(0x55, 0x1d, 0x11), octets(alternatives))
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.concat([Buffer.from([0x01]), createHash('sha256').update(spki).digest().subarray(0, 8)])),
    ecdsaWithSha256,
    name,
    sequence(utcTime('20200101000000Z'), utcTime('21200101000000Z')),
    name,
    spki,
    der(0xa3, sequence(basicConstraints, subjectAltName)),
  )
  return sequence(toBeSigned, ecdsaWithSha256, der(0x03, Buffer.from([0]), sign('sha256', toBeSigned, privateKey)))
}

export function selfSigned(): SelfSigned {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const body =
    certificate(publicKey, privateKey)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${body.join('\n')}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
  }
}
