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

/** Six letters and digits, as they end whatever a namespace gives out. */
export const namespaceId = (random: Random): string => base62(random, 6)

/** `<text>.<id of the namespace>`; what is of the root namespace stays as it is. */
export const withNamespace = (text: string, namespace: string | undefined): string =>
  namespace === undefined ? text : `${text}.${namespace}`

const SUFFIX = /[^/.]\.([0-9A-Za-z]{6})$/

/**
 * The namespace that a token, accessor, lease id or identity id says it is of; undefined: the root one. Only what is found under the whole
 * text is really there.
 */
export function namespaceIn(text: string): string | undefined {
  const at = text.length - 7
  if (text.charCodeAt(at) !== 46) return undefined
  return SUFFIX.exec(text)?.[1]
}
