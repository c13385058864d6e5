/** What Go does with text and this language's messages and columns depend on: bytes that are no UTF-8, and quoting. */
export { textOfBytes, escapedByte, byteLength } from './utf8.ts'
export { goQuote } from './go-quote.ts'
