/** Colours of a terminal, or none. */
export type Colour = 'red' | 'green' | 'yellow' | 'cyan' | 'dim' | 'bold'
export type Paint = (colour: Colour, text: string) => string

const CODES: Readonly<Record<Colour, number>> = { red: 31, green: 32, yellow: 33, cyan: 36, dim: 2, bold: 1 }

export const coloured: Paint = (colour, text) => (text === '' ? '' : `\u001b[${CODES[colour]}m${text}\u001b[0m`)
export const plain: Paint = (_colour, text) => text

/**
 * What comes from files and from the server is shown, never obeyed: a policy text with an escape sequence in it could otherwise
 * paint over the very line that a reviewer should see, and characters that have no width or turn the direction of writing round could
 * make a rule look like another. Tabs stay; so do line ends, where the caller wants lines.
 */
export const harmless = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, it => (it === '\t' || it === '\n' ? it : escapeOf(it)))

const escapeOf = (char: string): string => (char === '\r' ? '\\r' : `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)

export const harmlessLine = (text: string): string => harmless(text).replaceAll('\n', '\\n').replaceAll('\t', ' ')
