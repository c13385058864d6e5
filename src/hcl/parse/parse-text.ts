import type { SourceFile } from '../../kernel/index.ts'
import { parseJsonForm } from './json-parser.ts'
import { MAX_LENGTH } from './limits.ts'
import { parseHcl } from './parser.ts'
import type { Parsed } from './refusal.ts'
import type { HclTree } from './tree.ts'

/** Either form: JSON where the first character that is no blank is `{`, else HCL. */
export function parseText(source: SourceFile): Parsed<HclTree> {
  if (source.text.length > MAX_LENGTH) return tooLong(source)
  return isJsonForm(source.text) ? parseJsonForm(source) : parseHcl(source)
}

function tooLong(source: SourceFile): Parsed<HclTree> {
  const summary = 'the text is too long'
  const start = { line: 1, column: 1, offset: 0 }
  const at = { file: source.name, start, end: start }
  return {
    ok: false,
    refusals: [{ finding: { code: 'HCL1112', severity: 'error', summary, detail: 'at most 32 MiB are read', at }, peer: summary }],
  }
}

export function isJsonForm(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 123) return true
    if (!isSpace(code)) return false
  }
  return false
}

/** Unicode's white space, of which a byte order mark is none. */
const isSpace = (code: number): boolean =>
  code === 32 || (code >= 9 && code <= 13) || (code >= 0x80 && (code === 0x85 || (code !== 0xfeff && /\s/.test(String.fromCharCode(code)))))
