/**
 * Keys that come from elsewhere: encrypted for the mount's wrapping key, RSA-OAEP around an AES-256 key, which wraps the secret by
 * AES-KWP (RFC 5649). Or a public key alone, which verifies and encrypts.
 */
import {
  constants,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  privateDecrypt,
  type KeyObject,
} from 'node:crypto'
import { promisify } from 'node:util'
import { rfc3339Nano } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { decodedBase64, type Family, gives, type HandlersOf, op, route, statefulFamily } from '../../framework/index.ts'
import { faults, isFault, type View } from '../../logical/index.ts'
import { emptyKey, isKeySize, withVersion } from './change.ts'
import { putVersion, typeOf, type KeyRecord, type Mount, type VersionRecord } from './key.ts'
import { DEFAULT_TYPE, keyTypes, pkcs8, seedAndPublic, type KeyType } from './key-types.ts'

const NAME = { name: f.name('Name of the key.') }
const material = {
  ciphertext: f.string('The secret under the wrapping key, base 64.'),
  public_key: f.string('A public key in place of it, PEM.'),
  hash_function: f.string('Hash of the OAEP padding: SHA1, SHA224, SHA256 (the default), SHA384 or SHA512.'),
}

const routes = {
  wrappingKey: route('wrapping_key', {
    doc: 'The key for which imported secrets are encrypted.',
    ops: { read: op({ doc: 'Read its public part, RSA of 4,096 bits.', gives: gives.data({ public_key: f.string('PEM.') }) }) },
  }),
  key: route('keys/{name}/import', {
    doc: 'A key that is made elsewhere.',
    params: NAME,
    ops: {
      write: op({
        doc: 'Make a key of it.',
        input: {
          ...material,
          type: f.string(`Type of the key, one of ${Object.keys(keyTypes).join(', ')}; ${DEFAULT_TYPE} by default.`),
          allow_rotation: f.bool('Whether the next version may be made here.'),
          derived: f.bool('Whether each operation names a context, which has a key of its own.'),
          exportable: f.bool('Whether the secrets may be read.'),
          allow_plaintext_backup: f.bool('Whether a backup may be made.'),
          auto_rotate_period: f.duration('How old a version becomes before another follows.'),
          context: f.string('Context of a derived key, base 64.'),
        },
        gives: gives.nothing,
      }),
    },
  }),
  version: route('keys/{name}/import_version', {
    doc: 'A version that is made elsewhere.',
    params: NAME,
    ops: {
      write: op({
        doc: 'Add it, or the private part to a version that has only a public one.',
        input: { ...material, version: f.int('The version that gets its private part.') },
        gives: gives.nothing,
      }),
    },
  }),
}

const HASHES: Readonly<Record<string, string>> = { SHA1: 'sha1', SHA224: 'sha224', SHA256: 'sha256', SHA384: 'sha384', SHA512: 'sha512' }
const failed = (why: string, cause?: unknown): Error => faults.failedAs({ why }, { cause })

// ---- the wrapping key --------------------------------------------------------------------------------------
const AT = 'import/wrapping-key'
const WRAPPING_BITS = 4096
const generate = promisify(generateKeyPair) as unknown as (type: 'rsa', options: object) => Promise<{ readonly privateKey: KeyObject }>

/** Made when it is first asked for. */
async function wrappingKey(view: View): Promise<KeyObject> {
  const bytes = (await view.get(AT)) ?? (await madeWrappingKey(view))
  return createPrivateKey({ key: Buffer.from(bytes), format: 'der', type: 'pkcs8' })
}

async function madeWrappingKey(view: View): Promise<Uint8Array> {
  const fresh = pkcs8((await generate('rsa', { modulusLength: WRAPPING_BITS })).privateKey)
  return view.transact(async tx => {
    const there = await tx.get(AT)
    if (there === undefined) await tx.put(AT, fresh)
    return there ?? fresh
  })
}

async function unwrapped(view: View, text: string, hash: string): Promise<Buffer> {
  let bytes: Buffer
  try {
    bytes = decodedBase64(text)
  } catch (cause) {
    throw isFault(cause) ? failed(cause.wire[0] ?? '', cause) : cause
  }
  if (bytes.length <= WRAPPING_BITS / 8) throw failed('provided ciphertext is too short')
  const key = await wrappingKey(view)
  let ephemeral: Buffer
  try {
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    ephemeral = privateDecrypt({ key, padding, oaepHash: hash }, bytes.subarray(0, WRAPPING_BITS / 8))
  } catch (cause) {
    throw failed('crypto/rsa: decryption error', cause)
  }
  try {
    return unwrap(ephemeral, bytes.subarray(WRAPPING_BITS / 8))
  } catch (cause) {
    throw failed('kwp: unwrap failed integrity check', cause)
  }
}

/** RFC 5649, section 3: the initial value. */
export const KWP: { readonly cipher: 'id-aes256-wrap-pad'; readonly iv: Buffer } = {
  cipher: 'id-aes256-wrap-pad',
  iv: Buffer.from('a65959a6', 'hex'),
}

function unwrap(key: Uint8Array, data: Uint8Array): Buffer {
  const opening = createDecipheriv(KWP.cipher, key, KWP.iv)
  return Buffer.concat([opening.update(data), opening.final()])
}

// ---- what was in it ----------------------------------------------------------------------------------------
const goKind: Readonly<Record<string, string>> = { rsa: 'rsa', ec: 'ecdsa', ed25519: 'ed25519' }
const curves: Readonly<Record<string, string>> = { prime256v1: 'P-256', secp384r1: 'P-384', secp521r1: 'P-521' }

/** Refuses a key of another kind than its type says. */
function checkKind(key: KeyObject, type: KeyType): void {
  const wanted = type.family
  const is = goKind[key.asymmetricKeyType ?? '']
  if (is !== wanted) {
    const name =
      is === 'ed25519'
        ? `ed25519.${key.type === 'public' ? 'PublicKey' : 'PrivateKey'}`
        : `*${is ?? 'unknown'}.${key.type === 'public' ? 'PublicKey' : 'PrivateKey'}`
    throw failed(`invalid key type: expected ${wanted}, got ${name}`)
  }
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (type.family === 'rsa' && modulusLength !== type.bits)
    throw failed(`invalid key size: expected ${type.bits / 8} bytes, got ${modulusLength / 8} bytes`)
  if (type.family === 'ecdsa' && curves[namedCurve] !== type.curve)
    throw failed(`invalid curve: expected ${type.curve}, got ${curves[namedCurve] ?? namedCurve}`)
}

function secretOf(bytes: Buffer, type: KeyType): Uint8Array {
  if (type.family === 'cipher' || type.family === 'hmac') {
    const fits = type.family === 'cipher' ? bytes.length === type.keyBytes : isKeySize(bytes.length)
    if (!fits) throw failed(`invalid key size ${bytes.length} bytes for key type ${type.name}`)
    return bytes
  }
  let key: KeyObject
  try {
    key = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' })
  } catch (cause) {
    throw failed('error parsing asymmetric key: not a PKCS #8 private key', cause)
  }
  checkKind(key, type)
  return type.family === 'ed25519' ? seedAndPublic(key) : pkcs8(key)
}

function publicOf(text: string, type: KeyType): string {
  if (type.family === 'cipher' || type.family === 'hmac') throw failed('provided type does not support public_key import')
  if (!text.includes('-----BEGIN')) throw failed('error parsing public key: not in PEM format')
  let key: KeyObject
  try {
    key = createPublicKey(text)
  } catch (cause) {
    throw failed('error parsing public key: it cannot be read', cause)
  }
  checkKind(key, type)
  return key.export({ type: 'spki', format: 'pem' }).toString()
}

interface Material {
  readonly ciphertext?: string
  readonly publicKey?: string
  readonly hashFunction?: string
}

export const importRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  /** The version that the material makes, and the bytes of its secret. */
  const versionOf = async (
    view: View,
    given: Material,
    type: KeyType,
    now: Date,
    before: string,
  ): Promise<{ readonly version: VersionRecord; readonly size: number }> => {
    const { ciphertext = '', publicKey = '', hashFunction = 'SHA256' } = given
    const hash = Object.hasOwn(HASHES, hashFunction) ? (HASHES[hashFunction] as string) : undefined
    if (hash === undefined) throw faults.refused({ why: `unknown hash function: ${hashFunction}` })
    const created = rfc3339Nano(now.getTime())
    if (ciphertext === '') {
      const hmacKey = Buffer.from(mount.host.random.bytes(32)).toString('base64')
      return { version: { created, hmacKey, publicKey: worded(() => publicOf(publicKey, type), before, type) }, size: 0 }
    }
    const bytes = await unwrapped(view, ciphertext, hash)
    const secret = Buffer.from(worded(() => secretOf(bytes, type), before, type))
    const hmacKey = type.family === 'hmac' ? secret : Buffer.from(mount.host.random.bytes(32))
    return { version: { created, secret: secret.toString('base64'), hmacKey: hmacKey.toString('base64') }, size: secret.length }
  }
  return {
    wrappingKey: {
      async read({ view }) {
        const key = await wrappingKey(view)
        return {
          is: 'data',
          data: {
            publicKey: createPublicKey(key.export({ type: 'pkcs8', format: 'pem' }))
              .export({ type: 'spki', format: 'pem' })
              .toString(),
          },
        }
      },
    },
    key: {
      async write({ params: { name }, input, view, now }) {
        const type = Object.hasOwn(keyTypes, input.type ?? DEFAULT_TYPE) ? keyTypes[input.type ?? DEFAULT_TYPE] : undefined
        if ((await mount.key(view, name)) !== undefined) throw failed(EXISTS)
        const { autoRotatePeriod = 0, allowRotation = false, derived = false } = input
        if (autoRotatePeriod > 0 && !allowRotation) throw failed('allow_rotation must be set to true if auto-rotation is enabled')
        if (type === undefined) throw faults.refused({ why: `unknown key type: ${input.type ?? ''}` })
        if (autoRotatePeriod > 0 && autoRotatePeriod < 3600)
          throw faults.refused({ why: 'auto rotate period must be 0 to disable or at least an hour' })
        if (derived && !type.derives) throw failed(`key derivation and convergent encryption not supported for keys of type ${type.name}`)
        const { version, size } = await versionOf(view, input, type, now, 'error importing key: ')
        const key: KeyRecord = {
          ...emptyKey(name, {
            type,
            derived,
            exportable: input.exportable ?? false,
            allowPlaintextBackup: input.allowPlaintextBackup ?? false,
            autoRotatePeriod,
            ...(type.family === 'hmac' && { keySize: size }),
          }),
          imported: true,
          importedMayRotate: allowRotation,
        }
        await view.transact(async tx => {
          if ((await mount.key(tx, name)) !== undefined) throw failed(EXISTS)
          await withVersion(tx, key, version, now)
        })
        return { is: 'nothing' }
      },
    },
    version: {
      async write({ params: { name }, input, view, now }) {
        const before = await mount.key(view, name)
        if (before === undefined) throw failed(`no key found with name ${name}; to import a new key, use the import/ endpoint`)
        if (!before.imported) throw failed('the import_version endpoint can only be used with an imported key')
        const { version } = await versionOf(view, input, typeOf(before), now, '')
        await view.transact(async tx => {
          const key = await mount.key(tx, name)
          if (key === undefined || !key.imported) throw failed('the import_version endpoint can only be used with an imported key')
          if (input.version === undefined || input.version === 0 || version.secret === undefined) await withVersion(tx, key, version, now)
          else await completed(mount, tx, key, input.version, version)
        })
        return { is: 'nothing' }
      },
    },
  }
})

const EXISTS = 'the import path cannot be used with an existing key; use import-version to rotate an existing imported key'

/** What is wrong with the bytes themselves is said to be so; what the type does not take, is not. */
function worded<T>(read: () => T, before: string, type: KeyType): T {
  try {
    return read()
  } catch (cause) {
    if (!isFault(cause) || cause.code !== 'failedAs' || cause.detail.why.startsWith('provided type')) throw cause
    throw failed(`${type === undefined ? '' : before}${cause.detail.why}`, cause)
  }
}

/** Gives a version of which only the public key is known its private one. */
async function completed(mount: Mount, tx: View, key: KeyRecord, number: number, version: VersionRecord): Promise<void> {
  if (number < 1 || number > key.latestVersion) throw failed(`key version ${number} does not exist`)
  const there = await mount.version(tx, key, number)
  if (there.record.secret !== undefined) throw failed('private key imported, key version cannot be updated')
  const type = typeOf(key)
  const own =
    type.family === 'ed25519'
      ? undefined
      : createPrivateKey({ key: Buffer.from(version.secret ?? '', 'base64'), format: 'der', type: 'pkcs8' })
  const spki = (key: KeyObject): string => key.export({ type: 'spki', format: 'der' }).toString('base64')
  const same =
    own === undefined
      ? Buffer.from(version.secret ?? '', 'base64')
          .subarray(32)
          .toString('base64url') === there.public.export({ format: 'jwk' }).x
      : spki(createPublicKey(own.export({ type: 'pkcs8', format: 'pem' }))) === spki(there.public)
  if (!same) throw failed('public key does not match with the private key')
  const { publicKey: _, ...rest } = there.record
  await putVersion(tx, key.name, number, { ...rest, secret: version.secret ?? '' })
}
