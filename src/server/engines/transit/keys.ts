import { f } from '../../../schema/index.ts'
import { decodedBase64, type Family, gives, type HandlersOf, op, paging, route, statefulFamily } from '../../framework/index.ts'
import { faults } from '../../logical/index.ts'
import { changed, created, rotated, type Wish } from './change.ts'
import { dropKey, dropVersion, putKey, type KeyRecord, type Mount } from './key.ts'
import { DEFAULT_TYPE, keyTypes } from './key-types.ts'
import { shown } from './shown.ts'

const NAME = { name: f.name('Name of the key.') }
const KEY = gives.any('The key, without its secrets.')

const routes = {
  list: route('keys', { doc: 'The names of all keys.', ops: { list: op({ doc: 'List the keys.', input: paging, gives: gives.keys }) } }),
  key: route('keys/{name}', {
    doc: 'A key, with all its versions.',
    params: NAME,
    upsert: true,
    ops: {
      read: op({
        doc: 'Read what the key is and allows, and its public keys.',
        input: { context: f.string('Context of a derived key whose public key is wanted, base 64.') },
        gives: KEY,
      }),
      write: op({
        doc: 'Make the key; one that is there stays as it is.',
        input: {
          type: f.string(`Type of the key, one of ${Object.keys(keyTypes).join(', ')}; ${DEFAULT_TYPE} by default.`),
          derived: f.bool('Whether each operation names a context, which has a key of its own.'),
          convergent_encryption: f.bool('Whether equal plaintexts in a context have equal ciphertexts.'),
          exportable: f.bool('Whether the secrets may be read.'),
          allow_plaintext_backup: f.bool('Whether a backup, which holds the secrets, may be made.'),
          auto_rotate_period: f.duration('How old a version becomes before another follows; an hour at least, 0 for never.'),
          key_size: f.int('Bytes of an HMAC key, 32 to 512.'),
          context: f.string('Context of a derived key, base 64.'),
        },
        gives: KEY,
      }),
      delete: op({ doc: 'Delete the key for good, where its settings allow it.', gives: gives.nothing }),
    },
  }),
  config: route('keys/{name}/config', {
    doc: 'What a key allows.',
    params: NAME,
    ops: {
      write: op({
        doc: 'Change the settings that are given.',
        input: {
          min_decryption_version: f.int('The oldest version that decrypts and verifies.'),
          min_encryption_version: f.int('The oldest version that encrypts and signs; 0 for the latest.'),
          deletion_allowed: f.bool('Whether the key may be deleted.'),
          exportable: f.bool('Whether the secrets may be read. It cannot be taken back.'),
          allow_plaintext_backup: f.bool('Whether a backup may be made. It cannot be taken back.'),
          auto_rotate_period: f.duration('How old a version becomes before another follows; an hour at least, 0 for never.'),
        },
        gives: KEY,
      }),
    },
  }),
  rotate: route('keys/{name}/rotate', {
    doc: 'The succession of versions.',
    params: NAME,
    ops: { write: op({ doc: 'Make a new version, which is used from now on.', gives: KEY }) },
  }),
  trim: route('keys/{name}/trim', {
    doc: 'The end of old versions.',
    params: NAME,
    ops: {
      write: op({
        doc: 'Delete versions for good.',
        input: { min_available_version: f.int('The oldest version that stays.') },
        gives: KEY,
      }),
    },
  }),
  softDelete: route('keys/{name}/soft-delete', {
    doc: 'Deletion that can be taken back.',
    params: NAME,
    ops: { delete: op({ doc: 'Put the key out of use.', gives: [KEY, gives.nothing] }) },
  }),
  restore: route('keys/{name}/soft-delete-restore', {
    doc: 'Deletion that is taken back.',
    params: NAME,
    ops: { write: op({ doc: 'Put the key into use again.', gives: [KEY, gives.nothing] }) },
  }),
}

const HOUR = 3600
function checkPeriod(period: number | undefined): void {
  if (period !== undefined && period !== 0 && period < HOUR)
    throw faults.refused({ why: 'auto rotate period must be 0 to disable or at least an hour' })
}

interface Settings {
  readonly minDecryptionVersion?: number
  readonly minEncryptionVersion?: number
  readonly deletionAllowed?: boolean
  readonly exportable?: boolean
  readonly allowPlaintextBackup?: boolean
  readonly autoRotatePeriod?: number
}

function configured(key: KeyRecord, given: Settings): KeyRecord {
  const refused = (why: string): Error => faults.refused({ why })
  const {
    minDecryptionVersion: decryption,
    minEncryptionVersion: encryption,
    deletionAllowed,
    exportable,
    allowPlaintextBackup,
    autoRotatePeriod,
  } = given
  if (decryption !== undefined) {
    if (decryption < 0) throw refused('min decryption version cannot be negative')
    if (decryption > key.latestVersion)
      throw refused(`cannot set min decryption version of ${decryption}, latest key version is ${key.latestVersion}`)
  }
  if (encryption !== undefined) {
    if (encryption < 0) throw refused('min encryption version cannot be negative')
    if (encryption > key.latestVersion)
      throw refused(`cannot set min encryption version of ${encryption}, latest key version is ${key.latestVersion}`)
  }
  checkPeriod(autoRotatePeriod)
  const next: KeyRecord = {
    ...key,
    ...(decryption !== undefined && { minDecryptionVersion: Math.max(1, decryption) }),
    ...(encryption !== undefined && { minEncryptionVersion: encryption }),
    ...(deletionAllowed !== undefined && { deletionAllowed }),
    exportable: key.exportable || exportable === true,
    allowPlaintextBackup: key.allowPlaintextBackup || allowPlaintextBackup === true,
    ...(autoRotatePeriod !== undefined && { autoRotatePeriod }),
  }
  if (next.minEncryptionVersion > 0 && next.minEncryptionVersion < next.minDecryptionVersion)
    throw refused(
      `cannot set min encryption/decryption values; min encryption version of ${next.minEncryptionVersion} must be greater than or equal to min decryption version of ${next.minDecryptionVersion}`,
    )
  if (next.minDecryptionVersion < next.minAvailableVersion)
    throw refused('min decryption version should not be less then min available version')
  return next
}

function checkTrim(key: KeyRecord, version: number): void {
  const refused = (why: string): Error => faults.refused({ why })
  if (version < key.minAvailableVersion) throw refused('minimum available version cannot be decremented')
  if (key.minEncryptionVersion === 0) throw refused('minimum available version cannot be set when minimum encryption version is not set')
  if (key.minDecryptionVersion === 0) throw refused('minimum available version cannot be set when minimum decryption version is not set')
  if (version > key.latestVersion || version > key.minEncryptionVersion)
    throw refused('minimum available version cannot be greater than minmum encryption version')
  if (version > key.minDecryptionVersion) throw refused('minimum available version cannot be greater than minimum decryption version')
  if (version === 0) throw refused('minimum available version should be positive')
}

export const keys: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  list: {
    async list({ view, input: { after, limit } }) {
      return { is: 'keys', keys: await mount.names(view, { ...(after !== undefined && { after }), ...(limit !== undefined && { limit }) }) }
    },
  },
  key: {
    async exists({ params, view }) {
      return (await mount.key(view, params.name)) !== undefined
    },
    async read({ params, input, view }) {
      const key = await mount.key(view, params.name)
      if (key === undefined) throw faults.notFound()
      const context = (input.context ?? '') === '' ? undefined : decodedBase64(input.context ?? '', 'failed to base64-decode context: ')
      return { is: 'any', data: await shown(mount, view, key, context) }
    },
    async write({ params, input, view, now }) {
      const name = input.type ?? DEFAULT_TYPE
      const type = Object.hasOwn(keyTypes, name) ? keyTypes[name] : undefined
      checkPeriod(input.autoRotatePeriod)
      if (type === undefined) throw faults.refused({ why: `unknown key type ${name}` })
      const { derived, convergentEncryption: convergent, exportable, allowPlaintextBackup, autoRotatePeriod, keySize } = input
      const wish: Wish = {
        type,
        ...(derived !== undefined && { derived }),
        ...(convergent !== undefined && { convergent }),
        ...(exportable !== undefined && { exportable }),
        ...(allowPlaintextBackup !== undefined && { allowPlaintextBackup }),
        ...(autoRotatePeriod !== undefined && { autoRotatePeriod }),
        ...(keySize !== undefined && keySize !== 0 && { keySize }),
      }
      return { is: 'any', data: await shown(mount, view, await created(mount, view, params.name, wish, now)) }
    },
    async delete({ params: { name }, view }) {
      await view.transact(async tx => {
        const key = await mount.key(tx, name)
        if (key === undefined) throw faults.refused({ why: `error deleting policy ${name}: could not delete key; not found` })
        if (!key.deletionAllowed) throw faults.refused({ why: `error deleting policy ${name}: deletion is not allowed for this key` })
        await dropKey(tx, key)
      })
      return { is: 'nothing' }
    },
  },
  config: {
    async write({ params: { name }, input, view, warn }) {
      if ((await mount.key(view, name)) === undefined) throw faults.refused({ why: `no existing key named ${name} could be found` })
      if (input.minDecryptionVersion === 0)
        warn('since Vault 0.3 (prior to the OpenBao fork), transit key numbering starts at 1; forcing minimum to 1')
      const key = await changed(mount, view, name, async (key, tx) => {
        const next = configured(key, input)
        await putKey(tx, next)
        return next
      })
      return { is: 'any', data: await shown(mount, view, key) }
    },
  },
  rotate: {
    async write({ params: { name }, view, now }) {
      return { is: 'any', data: await shown(mount, view, await rotated(mount, view, name, now)) }
    },
  },
  trim: {
    async write({ params: { name }, input: { minAvailableVersion }, view }) {
      if ((await mount.key(view, name)) === undefined) throw faults.refused({ why: 'invalid key name' })
      if (minAvailableVersion === undefined) throw faults.refused({ why: 'missing min_available_version' })
      const key = await changed(mount, view, name, async (key, tx) => {
        checkTrim(key, minAvailableVersion)
        for (let number = Math.max(1, key.minAvailableVersion); number < minAvailableVersion; number++) await dropVersion(tx, name, number)
        const next = { ...key, minAvailableVersion }
        await putKey(tx, next)
        return next
      })
      return { is: 'any', data: await shown(mount, view, key) }
    },
  },
  softDelete: {
    delete: ({ params, view, warn }) => mark(mount, params.name, view, true, () => warn('key was already marked as soft deleted')),
  },
  restore: { write: ({ params, view, warn }) => mark(mount, params.name, view, false, () => warn('key was already restored')) },
}))

async function mark(
  mount: Mount,
  name: string,
  view: Parameters<Mount['key']>[0],
  softDeleted: boolean,
  already: () => void,
): Promise<{ readonly is: 'nothing' } | { readonly is: 'any'; readonly data: Awaited<ReturnType<typeof shown>> }> {
  const before = await mount.key(view, name)
  if (before === undefined) return { is: 'nothing' }
  if (before.softDeleted === softDeleted) already()
  const key = await changed(mount, view, name, async (key, tx) => {
    const next = { ...key, softDeleted }
    await putKey(tx, next)
    return next
  })
  return { is: 'any', data: await shown(mount, view, key) }
}
