/** How keys come to be and change: each a transaction over the key and its versions. */
import { rfc3339Nano } from '../../../kernel/index.ts'
import { faults, type View } from '../../logical/index.ts'
import { putKey, putVersion, typeOf, type KeyRecord, type Mount, type VersionRecord } from './key.ts'
import { newSecret, type KeyType } from './key-types.ts'

export interface Wish {
  readonly type: KeyType
  readonly derived?: boolean
  readonly convergent?: boolean
  readonly exportable?: boolean
  readonly allowPlaintextBackup?: boolean
  readonly autoRotatePeriod?: number
  readonly keySize?: number
}

export const emptyKey = (name: string, { type, ...wish }: Wish): KeyRecord => ({
  name,
  type: type.name,
  derived: wish.derived ?? false,
  convergent: wish.convergent ?? false,
  exportable: wish.exportable ?? false,
  allowPlaintextBackup: wish.allowPlaintextBackup ?? false,
  deletionAllowed: false,
  minDecryptionVersion: 1,
  minEncryptionVersion: 0,
  minAvailableVersion: 0,
  latestVersion: 0,
  autoRotatePeriod: wish.autoRotatePeriod ?? 0,
  rotated: 0,
  imported: false,
  importedMayRotate: false,
  softDeleted: false,
  ...(wish.keySize !== undefined && { keySize: wish.keySize }),
})

/** Bytes of a key for HMAC. */
export const isKeySize = (bytes: number): boolean => Number.isInteger(bytes) && bytes >= 32 && bytes <= 512

export function checkWish({ type, derived = false, convergent = false, keySize = 0 }: Wish): void {
  if (convergent && !derived) throw faults.refused({ why: 'convergent encryption requires derivation to be enabled' })
  if (keySize !== 0) {
    if (type.family !== 'hmac') throw faults.refused({ why: `key_size is not valid for algorithm ${type.name}` })
    if (!isKeySize(keySize)) throw faults.refused({ why: `invalid key_size ${keySize}` })
  } else if (type.family === 'hmac') throw faults.failedAs({ why: 'invalid key size for HMAC key, must be between 32 and 512 bytes' })
  if ((derived || convergent) && !type.derives)
    throw faults.failedAs({ why: `key derivation and convergent encryption not supported for keys of type ${type.name}` })
  if (convergent && type.family !== 'cipher')
    throw faults.failedAs({ why: `convergent encryption not supported for keys of type ${type.name}` })
}

export async function freshVersion(mount: Mount, type: KeyType, keySize: number | undefined, now: Date): Promise<VersionRecord> {
  const { random } = mount.host
  const secret = Buffer.from(await newSecret(type, keySize, random)).toString('base64')
  // An HMAC key authenticates with itself.
  const hmacKey = type.family === 'hmac' ? secret : Buffer.from(random.bytes(32)).toString('base64')
  return { created: rfc3339Nano(now.getTime()), secret, hmacKey }
}

/** The key with one version more. Inside a transaction. */
export async function withVersion(view: View, key: KeyRecord, version: VersionRecord, now: Date): Promise<KeyRecord> {
  const next: KeyRecord = { ...key, latestVersion: key.latestVersion + 1, rotated: now.getTime() }
  await putVersion(view, key.name, next.latestVersion, version)
  await putKey(view, next)
  return next
}

/** The key, made if there is none yet; whoever comes first makes it. */
export async function created(mount: Mount, view: View, name: string, wish: Wish, now: Date): Promise<KeyRecord> {
  const before = await mount.key(view, name)
  if (before !== undefined) return before
  checkWish(wish)
  const version = await freshVersion(mount, wish.type, wish.keySize, now)
  return view.transact(async tx => (await mount.key(tx, name)) ?? withVersion(tx, emptyKey(name, wish), version, now))
}

export async function rotated(mount: Mount, view: View, name: string, now: Date): Promise<KeyRecord> {
  const before = await mount.key(view, name)
  if (before === undefined) throw faults.refused({ why: 'key not found' })
  refuseRotation(before)
  const version = await freshVersion(mount, typeOf(before), before.keySize, now)
  return changed(mount, view, name, async (key, tx) => {
    refuseRotation(key)
    // What was made here is no imported key any more.
    return withVersion(tx, { ...key, imported: false }, version, now)
  })
}

function refuseRotation(key: KeyRecord): void {
  if (key.softDeleted) throw faults.failedAs({ why: 'refusing to use soft-deleted key' })
  if (key.imported && !key.importedMayRotate)
    throw faults.failedAs({ why: `imported key ${key.name} does not allow rotation within Vault` })
}

/** Changes a key that is there. `make` has stored what it changed, or gives the key to store. */
export function changed(
  mount: Mount,
  view: View,
  name: string,
  make: (key: KeyRecord, tx: View) => Promise<KeyRecord>,
): Promise<KeyRecord> {
  return view.transact(async tx => {
    const key = await mount.key(tx, name)
    if (key === undefined) throw faults.refused({ why: 'key not found' })
    return make(key, tx)
  })
}

/** Makes the next version of every key whose latest has become old enough. */
export async function rotateDue(mount: Mount, now: Date, signal: AbortSignal): Promise<void> {
  const { view, log } = mount.host
  for (const name of await view.list('rotating/')) {
    if (signal.aborted) return
    const key = await mount.key(view, name)
    if (key === undefined || key.softDeleted || key.autoRotatePeriod === 0 || (key.imported && !key.importedMayRotate)) continue
    if (now.getTime() < key.rotated + key.autoRotatePeriod * 1000) continue
    try {
      await rotated(mount, view, name, now)
    } catch (cause) {
      log.write('error', 'a key could not be rotated', { name, error: cause instanceof Error ? cause.message : String(cause) })
    }
  }
}
