import { f, type WireObject } from '../../../schema/index.ts'
import { type Call, decodedBase64, type Family, gives, type HandlersOf, op, route, statefulFamily } from '../../framework/index.ts'
import { faults, isFault, type View } from '../../logical/index.ts'
import { each, itemsIn, looseItems, statusOf, strictItems, textIn, type Item } from './batch.ts'
import { created } from './change.ts'
import { decrypt, encrypt, type Extras } from './encryption.ts'
import { refuseDeleted, typeOf, versionToUse, type KeyRecord, type Mount, type Version } from './key.ts'
import { DEFAULT_TYPE, keyTypes } from './key-types.ts'
import { upsertAllowed } from './settings.ts'
import { CIPHERTEXT, readVersioned, versioned } from './versioned.ts'

const NAME = { name: f.name('Name of the key.') }
const RESULT = gives.any('The result, or `batch_results` with one for each item.')
const context = f.string('Context of a derived key, base 64.')
const keyVersion = f.int('Version of the key to encrypt with; 0 for the latest.')
const associated = f.string('What is authenticated along with the text, base 64.')
const batch = f.json('Several items in place of one, each with its own words and a `reference`.')
const partial = f.int('Status of a reply in which some items failed and others did not; 400 by default.')

const routes = {
  encrypt: route('encrypt/{name}', {
    doc: 'Encryption with a key.',
    params: NAME,
    upsert: true,
    ops: {
      write: op({
        doc: 'Encrypt. A key that is not there is made, where the mount and the caller’s policy allow it.',
        input: {
          plaintext: f.string('The text, base 64.', { secret: true }),
          context,
          associated_data: associated,
          key_version: keyVersion,
          type: f.string('Type of a key that is made.'),
          convergent_encryption: f.bool('Whether a key that is made encrypts equal texts equally.'),
          partial_failure_response_code: partial,
          batch_input: batch,
        },
        gives: RESULT,
      }),
    },
  }),
  decrypt: route('decrypt/{name}', {
    doc: 'Decryption with a key.',
    params: NAME,
    ops: {
      write: op({
        doc: 'Decrypt.',
        input: {
          ciphertext: f.string('What encrypt gave.'),
          context,
          associated_data: associated,
          partial_failure_response_code: partial,
          batch_input: batch,
        },
        gives: RESULT,
      }),
    },
  }),
  rewrap: route('rewrap/{name}', {
    doc: 'Encryption anew, by the latest version, of what another encrypted.',
    params: NAME,
    ops: {
      write: op({
        doc: 'Encrypt anew, without showing the text.',
        input: { ciphertext: f.string('What encrypt gave.'), context, key_version: keyVersion, batch_input: batch },
        gives: RESULT,
      }),
    },
  }),
  datakey: route('datakey/{plaintext}/{name}', {
    doc: 'Keys for use elsewhere, encrypted with a key that stays here.',
    params: { plaintext: f.name('`plaintext` to be told the new key too, `wrapped` not to.'), ...NAME },
    ops: {
      write: op({
        doc: 'Make a key.',
        input: {
          context,
          bits: f.int('Bits of the new key: 128, 256 (the default) or 512.'),
          key_version: keyVersion,
          associated_data: associated,
        },
        gives: RESULT,
      }),
    },
  }),
}

const contextOf = (text: string): Buffer | undefined => (text === '' ? undefined : decodedBase64(text))

function associatedOf(key: KeyRecord, text: string, index: number): Uint8Array {
  if (text === '') return NOTHING
  if (typeOf(key).family !== 'cipher')
    throw faults.refused({ why: `'[${index}].associated_data' provided for non-AEAD cipher suite ${key.type}` })
  try {
    return decodedBase64(text)
  } catch (cause) {
    if (!isFault(cause)) throw cause
    throw faults.failedAs(
      { why: `unable to get associated_data/additional_data from factory[${index}]: ${cause.wire[0] ?? ''}` },
      { cause },
    )
  }
}
const NOTHING = new Uint8Array()

async function usable(mount: Mount, view: View, name: string, what: 'encryption' | 'decryption'): Promise<KeyRecord> {
  const key = await mount.key(view, name)
  if (key === undefined) throw faults.refused({ why: 'encryption key not found' })
  return fit(key, what)
}
function fit(key: KeyRecord, what: 'encryption' | 'decryption'): KeyRecord {
  refuseDeleted(key)
  if (!typeOf(key).encrypts) throw faults.refused({ why: `message ${what} not supported for key type ${key.type}` })
  return key
}

type Encrypted = { readonly ciphertext: string; readonly key_version: number }

/** One key during one request: each version is looked up once, however many items there are. */
class KeyInUse {
  readonly key: KeyRecord
  readonly #read: (number: number) => Promise<Version>
  readonly #versions = new Map<number, Version>()

  constructor(mount: Mount, view: View, key: KeyRecord) {
    this.key = key
    this.#read = number => mount.version(view, key, number)
  }

  async version(number: number): Promise<Version> {
    const known = this.#versions.get(number)
    if (known !== undefined) return known
    const version = await this.#read(number)
    this.#versions.set(number, version)
    return version
  }
}

async function sealed(mount: Mount, use: KeyInUse, plaintext: Uint8Array, asked: number, extras: Extras): Promise<Encrypted> {
  const { key } = use
  const number = versionToUse(key, asked, 'encryption')
  const version = await use.version(number)
  return { ciphertext: versioned(number, await encrypt(key, version, plaintext, extras, mount.nonces)), key_version: number }
}

async function opened(use: KeyInUse, ciphertext: string, extras: Extras): Promise<Buffer> {
  const { key } = use
  if (ciphertext === '') throw faults.refused({ why: 'missing ciphertext to decrypt' })
  const { version, text } = readVersioned(ciphertext, key, CIPHERTEXT)
  return decrypt(key, await use.version(version), text, extras)
}

type EncryptCall = Call<(typeof routes)['encrypt'], (typeof routes)['encrypt']['ops']['write']>

/** The key to encrypt with, made where there is none: whether the caller may was asked before, since that is another capability. */
async function keyFor(mount: Mount, { params, input, view, now }: EncryptCall, items: readonly Item[]): Promise<KeyRecord> {
  const there = await mount.key(view, params.name)
  if (there !== undefined) return fit(there, 'encryption')
  if (!(await upsertAllowed(view))) throw faults.refused({ why: 'encryption key not found' })
  const derived = textIn(items[0] ?? {}, 'context') !== ''
  const convergent = input.convergentEncryption ?? false
  if (convergent && !derived)
    throw faults.refused({ why: 'convergent encryption requires derivation to be enabled, so context is required' })
  const type = Object.hasOwn(keyTypes, input.type ?? DEFAULT_TYPE) ? keyTypes[input.type ?? DEFAULT_TYPE] : undefined
  if (type?.family !== 'cipher') throw faults.refused({ why: `unknown key type ${input.type ?? ''}` })
  return created(mount, view, params.name, { type, derived, convergent }, now)
}

function refuseMixedContexts(items: readonly Item[]): void {
  const with_ = items.filter(it => textIn(it, 'context') !== '').length
  if (with_ !== 0 && with_ !== items.length)
    throw faults.refused({ why: 'context should be set either in all the request blocks or in none' })
}

export const crypt: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const encrypted = async (use: KeyInUse, item: Item, index: number): Promise<Encrypted> => {
    const plaintext = decodedBase64(textIn(item, 'plaintext'))
    const extras = {
      context: contextOf(textIn(item, 'context')),
      associated: associatedOf(use.key, textIn(item, 'associated_data'), index),
    }
    return sealed(mount, use, plaintext, Number(item['key_version'] ?? 0), extras)
  }
  const decrypted = async (use: KeyInUse, item: Item, index: number): Promise<WireObject> => {
    const extras = {
      context: contextOf(textIn(item, 'context')),
      associated: associatedOf(use.key, textIn(item, 'associated_data'), index),
    }
    return { plaintext: (await opened(use, textIn(item, 'ciphertext'), extras)).toString('base64') }
  }
  const rewrapped = async (use: KeyInUse, item: Item): Promise<Encrypted> => {
    const extras = { context: contextOf(textIn(item, 'context')), associated: NOTHING }
    const plaintext = await opened(use, textIn(item, 'ciphertext'), extras)
    return sealed(mount, use, plaintext, Number(item['key_version'] ?? 0), extras)
  }
  return {
    encrypt: {
      async exists({ params, view }) {
        return (await mount.key(view, params.name)) !== undefined
      },
      async write(call) {
        const { input, raw, view, warn } = call
        const given = itemsIn(raw)
        if (given === undefined) {
          if (input.plaintext === undefined) throw faults.refused({ why: 'missing plaintext to encrypt' })
          const item = {
            plaintext: input.plaintext,
            context: input.context,
            associated_data: input.associatedData,
            key_version: input.keyVersion,
          }
          return { is: 'any', data: await encrypted(new KeyInUse(mount, view, await keyFor(mount, call, [item])), item, 0) }
        }
        const items = strictItems(given, { name: 'plaintext', why: 'missing plaintext to encrypt' })
        refuseMixedContexts(items)
        const use = new KeyInUse(mount, view, await keyFor(mount, call, items))
        const outcomes = await each(items, {}, (item, i) => encrypted(use, item, i))
        return { is: 'any', data: { batch_results: outcomes.results }, status: statusOf(outcomes, input.partialFailureResponseCode, warn) }
      },
    },
    decrypt: {
      async write({ params, input, raw, view, warn }) {
        const given = itemsIn(raw)
        const items = given && strictItems(given, { name: 'ciphertext', why: 'missing ciphertext to decrypt' })
        if (items === undefined && (input.ciphertext ?? '') === '') throw faults.refused({ why: 'missing ciphertext to decrypt' })
        const use = new KeyInUse(mount, view, await usable(mount, view, params.name, 'decryption'))
        if (items === undefined) {
          const item = { ciphertext: input.ciphertext, context: input.context, associated_data: input.associatedData }
          return { is: 'any', data: await decrypted(use, item, 0) }
        }
        const outcomes = await each(items, { plaintext: '' }, (item, i) => decrypted(use, item, i))
        return { is: 'any', data: { batch_results: outcomes.results }, status: statusOf(outcomes, input.partialFailureResponseCode, warn) }
      },
    },
    rewrap: {
      async write({ params, input, raw, view }) {
        const given = itemsIn(raw)
        const items = given && looseItems(given)
        if (items === undefined && (input.ciphertext ?? '') === '') throw faults.refused({ why: 'missing ciphertext to decrypt' })
        const use = new KeyInUse(mount, view, await usable(mount, view, params.name, 'decryption'))
        if (items === undefined) {
          const item = { ciphertext: input.ciphertext, context: input.context, key_version: input.keyVersion }
          return { is: 'any', data: await rewrapped(use, item) }
        }
        return { is: 'any', data: { batch_results: (await each(items, {}, item => rewrapped(use, item))).results } }
      },
    },
    datakey: {
      async write({ params, input, view }) {
        if (params.plaintext !== 'plaintext' && params.plaintext !== 'wrapped')
          throw faults.refused({ why: "Invalid path, must be 'plaintext' or 'wrapped'" })
        const { bits = 256 } = input
        const key = await usable(mount, view, params.name, 'encryption')
        if (bits !== 128 && bits !== 256 && bits !== 512) throw faults.refused({ why: 'invalid bit length' })
        const fresh = mount.host.random.bytes(bits / 8)
        const extras = { context: contextOf(input.context ?? ''), associated: associatedOf(key, input.associatedData ?? '', 0) }
        const made = await sealed(mount, new KeyInUse(mount, view, key), fresh, input.keyVersion ?? 0, extras)
        return {
          is: 'any',
          data: { ...made, ...(params.plaintext === 'plaintext' && { plaintext: Buffer.from(fresh).toString('base64') }) },
        }
      },
    },
  }
})
