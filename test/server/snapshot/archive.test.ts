import { gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { readSnapshot, SnapshotUnreadable, takeSnapshot } from '../../../src/server/snapshot/index.ts'
import type { Storage } from '../../../src/server/storage/index.ts'
import { openMemory } from '../../../src/server/storage/memory/index.ts'

const at = new Date('2026-01-01T00:00:00Z')
const vouch = (sums: Buffer): Buffer => Buffer.from(`vouched: ${sums.length}`)

async function taken(storage: Storage): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of takeSnapshot(storage, at, vouch)) chunks.push(chunk)
  return Buffer.concat(chunks)
}
async function* inChunks(bytes: Buffer, size = 1000): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size)
}
async function filled(): Promise<{ readonly storage: Storage; readonly put: readonly (readonly [string, Buffer])[] }> {
  const storage = openMemory()
  const put = [
    ['core/seal', Buffer.from('{}')],
    ['a/empty', Buffer.alloc(0)],
    ...Array.from({ length: 40 }, (_, n) => [`logical/é/${n}`, Buffer.alloc(70_000, n)] as const),
  ] as const
  await storage.commit({ put })
  return { storage, put }
}

describe('a snapshot', () => {
  it('holds every record, and who vouches for it', async () => {
    const { storage, put } = await filled()
    const read = await readSnapshot(inChunks(await taken(storage)))
    const shown = (all: readonly (readonly [string, Uint8Array])[]): readonly string[] =>
      all.map(([key, value]) => `${key} ${Buffer.from(value).toString('hex')}`).toSorted()
    expect(shown(read.records)).toEqual(shown(put))
    expect(read.facts).toEqual({ storage: 'inmem', taken: at.toISOString(), records: put.length, bytes: expect.any(Number) as number })
    expect(read.sealed).toEqual(vouch(read.sums))
  })

  it('shows the store as it was when it was begun', async () => {
    const { storage, put } = await filled()
    const chunks: Uint8Array[] = []
    for await (const chunk of takeSnapshot(storage, at, vouch)) {
      chunks.push(chunk)
      await storage.commit({ put: [['late', Buffer.from('x')]], delete: put.map(([key]) => key) })
    }
    expect((await readSnapshot(inChunks(Buffer.concat(chunks)))).records).toHaveLength(put.length)
  })

  it('is refused when it was cut off or changed, wherever that was', async () => {
    const { storage } = await filled()
    const plain = gunzipSync(await taken(storage))
    for (let n = 0; n < 60; n++) {
      const place = Math.floor((n / 60) * plain.length)
      const bent = Buffer.from(plain)
      bent[place] = (bent[place] as number) ^ 1
      for (const bytes of [gzipSync(bent), gzipSync(plain.subarray(0, place)), gzipSync(plain).subarray(0, 100 + n)]) {
        const outcome = await readSnapshot(inChunks(bytes)).then(
          read => read.sealed.equals(vouch(read.sums)),
          (cause: unknown) => {
            expect(cause).toBeInstanceOf(SnapshotUnreadable)
            return false
          },
        )
        // What is changed in a header's unused bytes, or in the word of the barrier, is for others to see.
        if (outcome) expect(bytes).toEqual(gzipSync(bent))
      }
    }
  })

  it.each([
    ['nothing', Buffer.alloc(0), 'unexpected EOF'],
    ['no gzip', Buffer.from('garbage'), 'failed to decompress snapshot: gzip: invalid header'],
    ['no tar', gzipSync(Buffer.alloc(1024, 7)), 'it is no tar archive'],
    ['an empty tar', gzipSync(Buffer.alloc(1024)), 'it is no snapshot of Lockstep'],
  ])('is not %s', async (_name, bytes, why) => {
    await expect(readSnapshot(inChunks(bytes))).rejects.toThrow(why)
  })
})
