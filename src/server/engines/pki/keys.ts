/** Private keys of a mount. */
import { f } from '../../../schema/index.ts'
import { gives, op, paging, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { generateKey, hex, keyIdentifier, readAllPem, readPrivateKey, toPem } from '../../x509/index.ts'
import { traditionalPem } from './formats.ts'
import { importKey, isName, keyName, Refused } from './imports.ts'
import { checkKeyType, keyTypeOf } from './key-types.ts'
import type { PkiMount } from './mount.ts'
import { findKey, isUnresolved } from './references.ts'
import { type Key, type KeyType, page } from './store.ts'

const key_name = f.string('Name of the key.')
const wishes = {
  key_name,
  key_type: f.string('Type of the key: `rsa`, `ec`, `ed25519` or `mldsa`.'),
  key_bits: f.int('Bits of the key; 0: 2048 for rsa, 256 for ec, 44 for mldsa.'),
  external_key_ref: f.string('A key outside, which is not supported.'),
}
const made = { key_id: f.string('Its identifier.'), key_name, key_type: f.string('Its type.') }
const exported = { ...made, private_key: f.string('The key (PEM).', { secret: true }) }
const params = { key_ref: f.name('The key: `default`, an identifier or a name.') }
const config = { default: f.string('The key that is used where none is named.') }

const routes = {
  list: route('keys', { doc: 'All keys.', ops: { list: op({ doc: 'List them.', input: paging, gives: gives.keys }) } }),
  internal: route('keys/generate/internal', {
    doc: 'A new key, which is never shown.',
    ops: { write: op({ doc: 'Make it.', input: wishes, gives: gives.data(made) }) },
  }),
  exported: route('keys/generate/exported', {
    doc: 'A new key, which is shown once.',
    ops: { write: op({ doc: 'Make it.', input: wishes, gives: gives.data(exported) }) },
  }),
  kms: route('keys/generate/kms', {
    doc: 'A key in the keeping of another system, which is not supported.',
    ops: { write: op({ doc: 'Refused.', input: wishes, gives: gives.data(made) }) },
  }),
  import: route('keys/import', {
    doc: 'A key from elsewhere.',
    ops: {
      write: op({
        doc: 'Import it.',
        input: { key_name, pem_bundle: f.string('The key (PEM).', { secret: true }) },
        gives: gives.data(made),
      }),
    },
  }),
  key: route('key/{key_ref}', {
    doc: 'A key.',
    params,
    ops: {
      read: op({
        doc: 'Read what it is.',
        gives: gives.data({ ...made, subject_key_id: f.string('Identifier that certificates have for it (RFC 5280, section 4.2.1.2).') }),
      }),
      write: op({ doc: 'Name it.', input: { key_name }, gives: gives.data(made) }),
      delete: op({ doc: 'Delete it, unless an issuer needs it.', gives: gives.nothing }),
    },
  }),
  config: route('config/keys', {
    doc: 'Which key is the default.',
    ops: {
      read: op({ doc: 'Read it.', gives: gives.data(config) }),
      write: op({ doc: 'Change it.', input: config, gives: gives.data(config) }),
    },
  }),
}

const user = (why: string): Error => faults.refused({ why })
const failure = (why: string): Error => faults.failedAs({ why })

interface KeyWishes {
  readonly keyName?: string
  readonly keyType?: string
  readonly keyBits?: number
  readonly externalKeyRef?: string
}

export const keys: Family<PkiMount> = statefulFamily(routes, (mount: PkiMount): HandlersOf<typeof routes> => {
  const { store, host } = mount

  async function nameOf(given: string | undefined): Promise<string> {
    const { name, why } = await keyName(store, given)
    if (why !== undefined) throw user(why)
    return name
  }

  const generate = (wish: KeyWishes) =>
    mount.exclusively(async () => {
      const name = await nameOf(wish.keyName)
      if (wish.externalKeyRef) throw user('cannot specify "external_key_ref" on non-kms typed key generation request')
      const type = wish.keyType ?? 'rsa'
      const checked = checkKeyType(type, wish.keyBits ?? 0)
      if ('why' in checked) throw user(`Validation for key_type, key_bits failed: ${checked.why}`)
      if (type === 'any') throw failure('unknown key type: any')
      const key = await generateKey(type as KeyType, checked.bits)
      const pem = traditionalPem(key)
      const { record } = await store.transact(tx => importKey(tx, key, pem, name, host.random))
      return { keyId: record.id, keyName: record.name, keyType: record.type, privateKey: pem }
    })

  async function named(ref: string): Promise<Key> {
    const key = await findKey(store, ref)
    if (isUnresolved(key)) throw failure(key.why)
    return key
  }

  return {
    list: {
      async list({ input }) {
        const ids = await store.keyIds(page(input))
        const byDefault = await store.defaultKey()
        const info: Record<string, unknown> = {}
        for (const id of ids) info[id] = { key_name: (await store.key(id))?.record.name, is_default: id === byDefault }
        return { is: 'keys', keys: ids, info }
      },
    },
    internal: {
      async write({ input }) {
        const { privateKey: _, ...data } = await generate(input)
        return { is: 'data', data }
      },
    },
    exported: { write: async ({ input }) => ({ is: 'data', data: await generate(input) }) },
    kms: {
      async write({ input }) {
        await nameOf(input.keyName)
        if (!input.externalKeyRef) throw user('"external_key_ref" is required for kms typed key generation')
        throw failure('failed to get external key: no external keys are configured for this mount')
      },
    },
    import: {
      write: ({ input, warn }) =>
        mount.exclusively(async () => {
          const text = input.pemBundle ?? ''
          const name = await nameOf(input.keyName)
          if (text.length < 64)
            throw user(
              'provided data for import was too short; perhaps a path was passed to the API rather than the contents of a PEM file',
            )
          const found = readAllPem(text)
          if ('badBlock' in found) throw user(`error when parsing block ${found.badBlock}: invalid PEM data`)
          const [block, ...more] = found.blocks
          if (block === undefined || more.length > 0) throw user('only a single key can be present within the pem_bundle for importing')
          const key = readPrivateKey(block.bytes)
          if (key === undefined || keyTypeOf(key) === undefined)
            throw user('failed to parse PEM block: it holds no private key of a form that is known')
          try {
            const { record, existed } = await store.transact(tx => importKey(tx, key, toPem(block.label, block.bytes), name, host.random))
            if (existed) warn('Key already imported, use key/ endpoint to update name.')
            return { is: 'data' as const, data: { keyId: record.id, keyName: record.name, keyType: record.type } }
          } catch (cause) {
            if (cause instanceof Refused) throw user(cause.message)
            throw cause
          }
        }),
    },
    key: {
      async read({ params: { keyRef } }) {
        const { record, spki } = await named(keyRef)
        return {
          is: 'data',
          data: { keyId: record.id, keyName: record.name, keyType: record.type, subjectKeyId: hex(keyIdentifier(spki), ':') },
        }
      },
      write: ({ params: { keyRef }, input: { keyName: given = '' }, warn }) =>
        mount.exclusively(async () => {
          const { record } = await named(keyRef)
          if (given !== '' && !isName(given)) throw user('new key name outside of valid character limits')
          const next = { ...record, name: given }
          await store.putKey(next)
          if (given === '') warn(`Name successfully deleted, you will now need to reference this key by it's Id: ${record.id}`)
          return { is: 'data' as const, data: { keyId: record.id, keyName: given, keyType: record.type } }
        }),
      delete: ({ params: { keyRef }, warn }) =>
        mount.exclusively(async () => {
          const key = await findKey(store, keyRef)
          if (isUnresolved(key)) return { is: 'nothing' as const }
          const { id } = key.record
          const needs = (await store.issuers()).find(it => it.record.keyId === id)
          if (needs !== undefined) throw user(`Failed to Delete Key.  Key in Use by Issuer: ${needs.record.id}`)
          const wasDefault = await store.transact(tx => tx.dropKey(id))
          if (wasDefault)
            warn(
              `Deleted key ${id} (via key_ref ${keyRef}); this was configured as the default key. Operations without an explicit key will not work until a new default is configured.`,
            )
          return { is: 'nothing' as const }
        }),
    },
    config: {
      read: async () => ({ is: 'data', data: { default: await store.defaultKey() } }),
      async write({ input: { default: ref = '' } }) {
        if (ref === '' || ref === 'default') throw user("Invalid key specification; must be non-empty and can't be 'default'.")
        const key = await findKey(store, ref)
        if (isUnresolved(key)) throw user(`Error resolving issuer reference: ${key.why}`)
        await store.setDefaultKey(key.record.id)
        return { is: 'data', data: { default: key.record.id } }
      },
    },
  }
})
