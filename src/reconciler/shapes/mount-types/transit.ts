import { attribute, type Shape } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'
import type { Values } from '../../model/index.ts'

const types = [
  'aes256-gcm96',
  'aes128-gcm96',
  'chacha20-poly1305',
  'xchacha20-poly1305',
  'ed25519',
  'ecdsa-p256',
  'ecdsa-p384',
  'ecdsa-p521',
  'rsa-2048',
  'rsa-3072',
  'rsa-4096',
  'hmac',
]

/** https://openbao.org/api-docs/secret/transit/, as OpenBao answers it. */
const key: Shape = {
  type: attribute.choice('What kind of key.', types, { fixed: true }),
  derived: attribute.flag('Whether keys are derived from it.', { fixed: true }),
  convergent_encryption: attribute.flag('Whether equal texts become equal ciphers.', { fixed: true }),
  key_size: attribute.count('How many bytes an HMAC key has.', { fixed: true, fallback: null, unread: 'said' }),
  exportable: attribute.flag('Whether it can be exported; once it can, it always can.', { oneWay: true, writeAt: 'config' }),
  allow_plaintext_backup: attribute.flag('Whether it can be backed up in clear; once it can, it always can.', {
    oneWay: true,
    writeAt: 'config',
  }),
  auto_rotate_period: attribute.span('How often it is rotated by itself; 0 for never.', { writeAt: 'config' }),
  deletion_allowed: attribute.flag('Whether it may be deleted.', { writeAt: 'config' }),
  min_decryption_version: attribute.count('The oldest version that decrypts.', { fallback: 1, writeAt: 'config' }),
  min_encryption_version: attribute.count('The oldest version that encrypts; 0 for the newest.', { writeAt: 'config' }),
}

const keys: Collection = {
  is: 'collection',
  doc: 'Keys that never leave the server.',
  path: 'keys',
  noun: 'key',
  shape: key,
  foldsNames: false,
  losesOnDelete: 'all its versions, and with them whatever they encrypted',
  contradictions: (values: Values) =>
    values['convergent_encryption'] === true && values['derived'] !== true
      ? [{ attribute: 'convergent_encryption', why: 'convergent encryption needs derived: true' }]
      : [],
}

const config: Singleton = {
  is: 'singleton',
  begins: 'mount',
  doc: 'What holds for all keys.',
  path: 'config/keys',
  shape: { disable_upsert: attribute.flag('Whether to encrypt with a key that is not there does not make it.') },
}

export const transit: MountType = { type: 'transit', table: 'engine', doc: 'Encryption as a service.', sections: { config, keys } }
