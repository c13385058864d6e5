import { toBase32 } from './base32.ts'
import type { Key } from './code.ts'

/**
 * The form in which authenticator apps take a key over: `otpauth://totp/<issuer>:<account>?secret=…`
 * (https://github.com/google/google-authenticator/wiki/Key-Uri-Format).
 */
export function keyUri(key: Key): string {
  const words = {
    algorithm: key.algorithm,
    digits: String(key.digits),
    issuer: key.issuer,
    period: String(key.period),
    secret: toBase32(Buffer.from(key.secret, 'hex')),
  }
  const query = Object.entries(words).map(([name, value]) => `${name}=${encoded(value, '&:+@=$')}`)
  return `otpauth://totp/${encoded(`${key.issuer}:${key.accountName}`, '&:+@=$/;,')}?${query.join('&')}`
}

/** RFC 3986, section 2.1, with these left as they are. */
const encoded = (text: string, kept: string): string =>
  Array.from(Buffer.from(text), byte => {
    const it = String.fromCharCode(byte)
    return /^[A-Za-z0-9_.~-]$/.test(it) || kept.includes(it) ? it : percent(byte)
  }).join('')
const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`

export interface UriWords {
  readonly accountName: string
  readonly issuer?: string
  readonly secret?: string
  readonly algorithm?: string
  readonly digits?: string
  readonly period?: string
}

/** What a key's URI says; undefined when it is no URI. */
export function readKeyUri(text: string): UriWords | undefined {
  const parts = /^(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*)?([^?#]*)(?:\?([^#]*))?/.exec(text)
  if (parts === null) return undefined
  let label: string
  try {
    label = decodeURIComponent(parts[1] ?? '').replace(/^\//, '')
  } catch {
    return undefined
  }
  const colon = label.indexOf(':')
  const query = new URLSearchParams(parts[2] ?? '')
  const word = (name: string): string | undefined => query.get(name) || undefined
  const [issuer, secret, algorithm, digits, period] = ['issuer', 'secret', 'algorithm', 'digits', 'period'].map(word)
  const named = issuer ?? (colon < 0 ? undefined : label.slice(0, colon))
  return {
    accountName: colon < 0 ? label : label.slice(colon + 1),
    ...(named !== undefined && { issuer: named }),
    ...(secret !== undefined && { secret }),
    ...(algorithm !== undefined && { algorithm }),
    ...(digits !== undefined && { digits }),
    ...(period !== undefined && { period }),
  }
}
