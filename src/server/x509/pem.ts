/** PEM (RFC 7468), as the API reads and writes it. */
export interface PemBlock {
  readonly label: string
  readonly bytes: Buffer
}

/** Without a newline at its end. */
export function toPem(label: string, bytes: Uint8Array): string {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
  const lines: string[] = []
  for (let at = 0; at < base64.length; at += 64) lines.push(base64.slice(at, at + 64))
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----`
}

const BEGIN = '-----BEGIN '
const END = '-----END '
const DASHES = '-----'
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The first block of a text and what stands behind it; undefined when there is none. What stands before a block is skipped. */
export function readPem(text: string): { readonly block: PemBlock; readonly rest: string } | undefined {
  // Linear, whatever it is given: each line is looked at once, as part of a block or before one.
  for (let at = lineWith(text, BEGIN, 0); at >= 0; at = lineWith(text, BEGIN, at + 1)) {
    const line = lineEnd(text, at)
    const label = labelOf(text.slice(at + BEGIN.length, line))
    if (label === undefined) continue
    const end = lineWith(text, DASHES, line)
    if (end < 0) return undefined
    const last = lineEnd(text, end)
    if (!text.startsWith(END, end) || labelOf(text.slice(end + END.length, last)) !== label) continue
    const bytes = decoded(text.slice(line, end))
    if (bytes !== undefined) return { block: { label, bytes }, rest: text.slice(last + 1) }
  }
  return undefined
}

/** Start of the next line that begins so. */
function lineWith(text: string, word: string, from: number): number {
  if (from === 0 && text.startsWith(word)) return 0
  const at = text.indexOf(`\n${word}`, Math.max(0, from - 1))
  return at < 0 ? -1 : at + 1
}
const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf('\n', from)
  return at < 0 ? text.length : at
}
function labelOf(text: string): string | undefined {
  const end = text.trimEnd()
  return end.endsWith(DASHES) ? end.slice(0, -DASHES.length) : undefined
}

function decoded(body: string): Buffer | undefined {
  const lines = body.split('\n').map(it => it.trim())
  // Headers, as old tools write them, end with the first line that has no colon.
  const start = lines.findIndex(it => it !== '' && !it.includes(':'))
  const base64 = start < 0 ? '' : lines.slice(start).join('')
  return BASE64.test(base64) && base64.length % 4 === 0 ? Buffer.from(base64, 'base64') : undefined
}

/** All blocks; undefined when something else than blank stands behind the last. */
export function readAllPem(text: string): { readonly blocks: readonly PemBlock[] } | { readonly badBlock: number } {
  const blocks: PemBlock[] = []
  let rest = text
  while (rest.trim() !== '') {
    const found = readPem(rest)
    if (found === undefined) return { badBlock: blocks.length + 1 }
    blocks.push(found.block)
    rest = found.rest
  }
  return { blocks }
}
