/** Records as the parts of an archive hold them: key length (4 bytes), key in UTF-8, value length (4 bytes), value, and so on. */
import { SnapshotUnreadable } from './error.ts'

export type Stored = readonly [key: string, value: Uint8Array]

/** A part is closed when it has reached so much. */
const PART = 1024 * 1024

/** All records, in parts of about a megabyte. */
export async function* partsOf(records: AsyncIterable<Stored>): AsyncGenerator<{ readonly body: Buffer; readonly count: number }> {
  let pieces: Uint8Array[] = []
  let [size, count] = [0, 0]
  for await (const [key, value] of records) {
    const name = Buffer.from(key)
    pieces.push(length(name), name, length(value), value)
    size += name.length + value.length + 8
    count++
    if (size < PART) continue
    yield { body: Buffer.concat(pieces), count }
    pieces = []
    size = count = 0
  }
  if (count > 0) yield { body: Buffer.concat(pieces), count }
}

function length(bytes: Uint8Array): Buffer {
  const four = Buffer.alloc(4)
  four.writeUInt32BE(bytes.length)
  return four
}

export function* recordsIn(part: Buffer): Generator<Stored> {
  let at = 0
  const take = (count: number): Buffer => {
    if (at + count > part.length) throw new SnapshotUnreadable('a record in it is cut off')
    at += count
    return part.subarray(at - count, at)
  }
  while (at < part.length) {
    const key = take(take(4).readUInt32BE()).toString()
    yield [key, take(take(4).readUInt32BE())]
  }
}
