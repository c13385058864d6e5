/** Private keys in PEM, of whichever of the forms that tools write, and new ones. */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { goQuote, type Random } from '../../../kernel/index.ts'
import { readOpensshKey, writeOpensshKey } from './openssh-key.ts'
import { authorizedLine, KeyRefused, publicKeyOf } from './public-key.ts'

const PEM = /-----BEGIN ([A-Z0-9 ]+)-----\s*\n([^-]*?)\n?-----END \1-----/
const FORMS = new Set(['RSA PRIVATE KEY', 'PRIVATE KEY', 'EC PRIVATE KEY'])

/** @throws KeyRefused in the peer's words */
export function readPrivateKey(text: string): KeyObject {
  const [pem, label, body = ''] = PEM.exec(text) ?? []
  if (pem === undefined || label === undefined) throw new KeyRefused('ssh: no key found')
  if (body.includes('ENCRYPTED')) throw new KeyRefused('ssh: this private key is passphrase protected')
  const key = label === 'OPENSSH PRIVATE KEY' ? readOpensshKey(Buffer.from(body, 'base64')) : fromPem(label, pem)
  if (publicKeyOf(key) === undefined) throw new KeyRefused(`ssh: unsupported key type ${goQuote(key.asymmetricKeyType ?? '')}`)
  return key
}

function fromPem(label: string, pem: string): KeyObject {
  if (!FORMS.has(label)) throw new KeyRefused(`ssh: unsupported key type ${goQuote(label)}`)
  try {
    return createPrivateKey(pem)
  } catch (cause) {
    // The library's words would tell of the key.
    throw new KeyRefused('asn1: structure error: the key cannot be read', { cause })
  }
}

/** What a key is, in words of SSH. */
export interface KeyPair {
  /** A line of an authorized_keys file. */
  readonly publicKey: string
  /** PEM. */
  readonly privateKey: string
}

/** What one request may cost: a key of this size takes a minute of the thread pool. */
const MOST_BITS = 8192
const EC_TYPES: Readonly<Record<string, string>> = {
  'ecdsa-sha2-nistp256': 'prime256v1',
  'ecdsa-sha2-nistp384': 'secp384r1',
  'ecdsa-sha2-nistp521': 'secp521r1',
}
const EC_BITS: Readonly<Record<number, string>> = { 0: 'prime256v1', 256: 'prime256v1', 384: 'secp384r1', 521: 'secp521r1' }

type Generate = (type: string, options?: object) => Promise<{ readonly privateKey: KeyObject }>
const generate = promisify(generateKeyPair) as unknown as Generate

/** On the thread pool. @throws KeyRefused in the peer's words */
export async function makeKeyPair(type: string, bits: number, random: Random): Promise<KeyPair> {
  const key = await newKey(type, bits)
  const shown = publicKeyOf(key)
  if (shown === undefined) throw new KeyRefused(`unknown ssh key pair algorithm: ${type}`)
  return { publicKey: authorizedLine(shown), privateKey: pemOf(key, random) }
}

async function newKey(type: string, bits: number): Promise<KeyObject> {
  if (type === 'ssh-rsa' || type === 'rsa') {
    const modulusLength = bits === 0 ? 4096 : bits
    if (modulusLength < 2048) throw new KeyRefused(`refusing to generate weak ${type} key: ${bits} bits < 2048 bits`)
    if (modulusLength > MOST_BITS) throw new KeyRefused(`refusing to generate a ${type} key of more than ${MOST_BITS} bits: ${bits}`)
    return (await generate('rsa', { modulusLength })).privateKey
  }
  if (type === 'ssh-ed25519' || type === 'ed25519') return (await generate('ed25519')).privateKey
  const namedCurve = type === 'ec' ? EC_BITS[bits] : EC_TYPES[type]
  if (namedCurve !== undefined) return (await generate('ec', { namedCurve })).privateKey
  throw new KeyRefused(
    type === 'ec' ? `unknown ECDSA key pair algorithm and bits: ${type} / ${bits}` : `unknown ssh key pair algorithm: ${type}`,
  )
}

function pemOf(key: KeyObject, random: Random): string {
  if (key.asymmetricKeyType === 'ed25519') return writeOpensshKey(key, Buffer.from(random.bytes(4)).readUInt32BE())
  return key.export({ format: 'pem', type: key.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1' }).toString()
}
