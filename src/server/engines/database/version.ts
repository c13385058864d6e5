/** The version of a plugin as it is asked for: `1.0`, `v1.2.3-rc1`, made canonical. Those built in have one version, and it is kept as ''. */
const VERSION = /^v?(\d+(?:\.\d+)*)(-[\dA-Za-z.~-]+)?(\+[\dA-Za-z.~-]+)?$/

/** @throws Error in the peer's words */
export function canonicalVersion(text: string): string {
  if (text === '') return ''
  const found = VERSION.exec(text)
  if (found === null) throw new Error(`version ${JSON.stringify(text)} is not a valid semantic version: malformed version: ${text}`)
  const [, numbers = '', pre = '', meta = ''] = found
  if (meta.startsWith('+builtin')) return ''
  const parts = numbers.split('.').map(Number)
  while (parts.length < 3) parts.push(0)
  return `v${parts.join('.')}${pre}${meta}`
}
