/** Archives of tar (POSIX.1-1988, "ustar"), as far as they are needed: regular files with short names, one after the other. */
import { SnapshotUnreadable } from './error.ts'

const BLOCK = 512
const padding = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`

export function tarMember(name: string, body: Uint8Array, at: Date): readonly Uint8Array[] {
  const head = Buffer.alloc(BLOCK)
  head.write(name, 0, 100, 'latin1')
  head.write(octal(0o600, 8) + octal(0, 8) + octal(0, 8), 100, 'latin1')
  head.write(octal(body.length, 12) + octal(Math.floor(at.getTime() / 1000), 12), 124, 'latin1')
  // The checksum counts itself as spaces.
  head.write('        0', 148, 'latin1')
  head.write('ustar\x0000', 257, 'latin1')
  const sum = head.reduce((total, it) => total + it, 0)
  head.write(`${octal(sum, 7)} `, 148, 'latin1')
  return [head, body, Buffer.alloc(padding(body.length))]
}

export const tarEnd: Uint8Array = Buffer.alloc(2 * BLOCK)

/** The members of an archive as they come. Throws SnapshotUnreadable for what is no tar, or ends too early. */
export async function* readTar(from: AsyncIterable<Uint8Array>): AsyncGenerator<{ readonly name: string; readonly body: Buffer }> {
  const take = reader(from)
  for (;;) {
    const head = await take(BLOCK)
    if (head.every(it => it === 0)) return
    if (head.toString('latin1', 257, 262) !== 'ustar') throw new SnapshotUnreadable('it is no tar archive')
    const size = Number.parseInt(head.toString('latin1', 124, 135), 8)
    if (!Number.isSafeInteger(size) || size < 0 || size > LARGEST_MEMBER) throw new SnapshotUnreadable('a file in it has no possible size')
    const name = head.toString('latin1', 0, 100).replace(/\0.*$/s, '')
    const body = await take(size)
    await take(padding(size))
    yield { name, body }
  }
}

/** One value may be 32 MiB and a little more, and a member is not cut inside one. */
const LARGEST_MEMBER = 64 * 1024 * 1024

/** Gives so many bytes at a time. */
function reader(from: AsyncIterable<Uint8Array>): (count: number) => Promise<Buffer> {
  const source = from[Symbol.asyncIterator]()
  let chunks: Buffer[] = []
  let left = 0
  return async count => {
    while (left < count) {
      const next = await source.next()
      if (next.done === true) throw new SnapshotUnreadable('unexpected EOF')
      chunks.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength))
      left += next.value.length
    }
    const all = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
    left -= count
    chunks = [all.subarray(count)]
    return all.subarray(0, count)
  }
}
