import type { WireObject } from '../../../schema/index.ts'
import type { View } from '../../logical/index.ts'
import { typeOf, type KeyRecord, type Mount, type Version } from './key.ts'
import { derivedPublic, rawPublic } from './signing.ts'

const KDF = 'hkdf_sha256'

export const pem = (version: Version): string => version.public.export({ type: 'spki', format: 'pem' }).toString()

/** A key as the API shows it: everything but its secrets. */
export async function shown(mount: Mount, view: View, key: KeyRecord, context?: Uint8Array): Promise<WireObject> {
  const type = typeOf(key)
  const keys: Record<string, unknown> = {}
  for (let number = Math.max(1, key.minDecryptionVersion); type.family !== 'hmac' && number <= key.latestVersion; number++) {
    const version = await mount.version(view, key, number)
    const { created, certificates = '' } = version.record
    if (type.family === 'cipher') keys[number] = Math.floor(Date.parse(created) / 1000)
    else
      keys[number] = {
        name: type.family === 'ecdsa' ? type.curve : type.name,
        public_key: type.family === 'ed25519' ? edPublic(key, version, context) : pem(version),
        certificate_chain: certificates,
        creation_time: created,
      }
  }
  return {
    name: key.name,
    type: key.type,
    derived: key.derived,
    deletion_allowed: key.deletionAllowed,
    min_available_version: key.minAvailableVersion,
    min_decryption_version: key.minDecryptionVersion,
    min_encryption_version: key.minEncryptionVersion,
    latest_version: key.latestVersion,
    exportable: key.exportable,
    allow_plaintext_backup: key.allowPlaintextBackup,
    auto_rotate_period: key.autoRotatePeriod,
    imported_key: key.imported,
    soft_deleted: key.softDeleted,
    supports_encryption: type.encrypts,
    supports_decryption: type.encrypts,
    supports_signing: type.signs,
    supports_derivation: type.derives,
    ...(type.family === 'hmac' ? { key_size: key.keySize } : { keys }),
    ...(key.imported && { imported_key_allow_rotation: key.importedMayRotate }),
    ...(key.backup && { backup_info: key.backup }),
    ...(key.restore && { restore_info: key.restore }),
    ...(key.derived && { kdf: KDF, convergent_encryption: key.convergent, ...(key.convergent && { convergent_encryption_version: -1 }) }),
  }
}

/** A derived key has a public key only in a context. */
function edPublic(key: KeyRecord, version: Version, context: Uint8Array | undefined): string {
  if (!key.derived) return rawPublic(version.public)
  return context === undefined || context.length === 0 ? '' : derivedPublic(version, context)
}
