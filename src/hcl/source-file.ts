import type { SourceFile } from '../kernel/index.ts'
import { textOfBytes } from './text/index.ts'

/** A file's bytes as a source. Bytes that are no UTF-8 survive, so that the parser can point at them and refuse. */
export const sourceOfBytes = (name: string, bytes: Uint8Array): SourceFile => ({ name, text: textOfBytes(bytes) })
