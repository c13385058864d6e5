import { END } from './characters.ts'
import { LINE_FEED, type Reader } from './reader.ts'

/** Up to the end of the line, which stays. */
export function readLineComment(reader: Reader): void {
  const { text } = reader
  let { pos } = reader
  for (;;) {
    const code = text.charCodeAt(pos)
    if ((code >= 32 && code < 0xd800) || code === 9) {
      pos++
      continue
    }
    reader.pos = pos
    if (code === LINE_FEED) return
    const odd = reader.read()
    if (odd === END) return
    if (odd === LINE_FEED) return reader.unread()
    pos = reader.pos
  }
}

/** Behind a `/`: `//` to the end of the line, or a block, which does not nest. */
export function readSlash(reader: Reader): void {
  const next = reader.peek()
  if (next === 47) return readLineComment(reader)
  if (next !== 42) {
    reader.last = reader.start
    return reader.problem('lone-slash')
  }
  reader.read()
  let code = reader.read()
  for (;;) {
    if (code === END) return reader.problem('unfinished-comment')
    const before = code
    code = reader.read()
    if (before === 42 && code === 47) return
  }
}
