import type { Claims } from './claims.ts'

/**
 * A claim by its name, or, with a slash at its beginning, by a JSON pointer (RFC 6901). Undefined when there is none. A single
 * audience is a list of one (RFC 7519, section 4.1.3).
 */
export function claimAt(claims: Claims, name: string): unknown {
  const value = name.startsWith('/') ? followed(claims, name) : own(claims, name)
  return name === 'aud' && typeof value === 'string' ? [value] : (value ?? undefined)
}

const own = (it: Claims, name: string): unknown => (Object.hasOwn(it, name) ? it[name] : undefined)

function followed(claims: Claims, pointer: string): unknown {
  let value: unknown = claims
  for (const part of pointer.slice(1).split('/')) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(value)) value = /^\d+$/.test(name) ? (value as readonly unknown[])[Number(name)] : undefined
    else if (typeof value === 'object' && value !== null) value = own(value as Claims, name)
    else return undefined
  }
  return value
}
