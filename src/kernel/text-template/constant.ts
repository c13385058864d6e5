const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
}
const ESCAPE = /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/y

/** The text that a quoted one means; undefined if an escape is none. */
export function unquote(quoted: string): string | undefined {
  if (quoted.startsWith('`')) return quoted.slice(1, -1).replaceAll('\r', '')
  const quote = quoted[0] as string
  let text = ''
  for (let at = 1; at < quoted.length - 1;) {
    if (quoted[at] !== '\\') {
      text += quoted[at++]
      continue
    }
    ESCAPE.lastIndex = at
    const found = ESCAPE.exec(quoted)
    if (found === null || (found[5] !== undefined && `'"`.includes(found[5]) && found[5] !== quote)) return undefined
    const code = Number.parseInt(found[1] ?? found[2] ?? found[3] ?? found[4] ?? '0', found[4] === undefined ? 16 : 8)
    if (code > 0x10ffff) return undefined
    text += found[5] === undefined ? String.fromCodePoint(code) : SIMPLE[found[5]]
    at += found[0].length
  }
  return text
}

/**
 * The number behind a number or a character; undefined if it is none (or a complex one, which no template needs),
 * 'overflow' for one like 08, which is no octal number.
 */
export function constantOf(written: string): number | 'overflow' | undefined {
  if (written.startsWith("'")) {
    const text = unquote(written)
    return text !== undefined && Array.from(text).length === 1 ? text.codePointAt(0) : undefined
  }
  const sign = written.startsWith('-') ? -1 : 1
  const bare = written.replace(/^[+-]/, '').replaceAll('_', '')
  if (/^0[0-7]+$/.test(bare)) return sign * Number.parseInt(bare, 8)
  if (/^0\d+$/.test(bare)) return 'overflow'
  const value = /^[\d.]/.test(bare) ? Number(bare) : Number.NaN
  return Number.isNaN(value) ? undefined : sign * value
}
