/** Random names in the forms that the field's tools know. */
import type { Random } from '../../kernel/index.ts'

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** `length` characters, each of 62 equally likely ones: bytes over the last full multiple of 62 are thrown away. */
export function base62(random: Random, length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of random.bytes(length + 8)) {
      if (byte < 248 && text.length < length) text += BASE62[byte % 62]
    }
  }
  return text
}

/** 95 characters with the prefix that secret scanners look for. */
export const serviceToken = (random: Random): string => `hvs.${Buffer.from(random.bytes(68)).toString('base64url')}`
export const SERVICE_TOKEN_LENGTH = 95
export const SERVICE_PREFIX = 'hvs.'
export const BATCH_PREFIX = 'hvb.'

/** `kv_d77a4419`, `auth_approle_95e8738f`. */
export const mountAccessor = (random: Random, table: 'secret' | 'auth', type: string): string =>
  `${table === 'auth' ? 'auth_' : ''}${type}_${Buffer.from(random.bytes(4)).toString('hex')}`
