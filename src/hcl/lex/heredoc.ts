import { END, isDigit, isLetter } from './characters.ts'
import { LINE_FEED, type Reader } from './reader.ts'

const RESERVED = 0xe123

/** Behind a `<`. The token reaches over the line break behind its end marker. */
export function readHeredoc(reader: Reader): void {
  if (reader.read() !== 60) return reader.problem('lone-less-than')
  const anchorStart = reader.pos
  let code = reader.read()
  if (code === 45) code = reader.read()
  while (isLetter(code) || isDigit(code)) code = reader.read()
  if (code === END) return reader.problem('unfinished-heredoc')
  if (code === 13 && reader.peek() === LINE_FEED) code = reader.read()
  if (code !== LINE_FEED) return reader.problem('heredoc-anchor')
  const anchor = reader.text.slice(anchorStart, reader.before)
  const indented = anchor.startsWith('-')
  if (anchor === '' || anchor === '-') return reader.problem('heredoc-empty-anchor')
  readBody(reader, indented ? anchor.slice(1) : anchor, indented)
}

function readBody(reader: Reader, marker: string, indented: boolean): void {
  const { text } = reader
  let { pos } = reader
  let lineStart = pos
  for (;;) {
    const code = text.charCodeAt(pos)
    if (code === LINE_FEED) {
      const lineEnd = pos > lineStart && text.charCodeAt(pos - 1) === 13 ? pos - 1 : pos
      reader.line++
      reader.pos = ++pos
      if (isEnd(text, lineStart, lineEnd, marker, indented)) return
      lineStart = pos
    } else if ((code > 0 && code < 0xd800) || (code >= 0xe000 && code !== RESERVED)) pos++
    else {
      reader.pos = pos
      if (reader.read() === END) return reader.problem('unfinished-heredoc')
      pos = reader.pos
    }
  }
}

/**
 * A line ends its heredoc when it holds nothing but the marker, which may be indented. With `<<-` the server compares the
 * line's length with the marker's *including* the dash, so an unindented marker does not end it.
 */
function isEnd(text: string, start: number, end: number, marker: string, indented: boolean): boolean {
  if (indented && end - start <= marker.length) return false
  let last = end
  while (last > start && text.charCodeAt(last - 1) === 13) last--
  // A lone `\r` behind the opening anchor belongs to the marker.
  const bare = marker.endsWith('\r') ? marker.slice(0, -1) : marker
  if (bare !== marker && last === end) return false
  const at = last - bare.length
  if (at < start || !text.startsWith(bare, at)) return false
  for (let i = start; i < at; i++) {
    const code = text.charCodeAt(i)
    if (code !== 32 && (code < 9 || code > 13)) return false
  }
  return true
}
