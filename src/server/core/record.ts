/** Records as JSON in a view: the one place where core turns bytes into values and back. */
import type { View } from '../logical/index.ts'

export const encodeRecord = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
export const decodeRecord = <T>(bytes: Uint8Array): T =>
  JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as T

export async function readRecord<T>(view: View, key: string): Promise<T | undefined> {
  const bytes = await view.get(key)
  return bytes && decodeRecord<T>(bytes)
}

const PAGE = 512

/** All keys below a prefix, folder by folder, page by page, so that no listing is ever held whole. */
export async function* keysBelow(view: View, prefix: string): AsyncGenerator<string> {
  for (let after: string | undefined; ;) {
    const names = await view.list(prefix, after === undefined ? { limit: PAGE } : { after, limit: PAGE })
    for (const name of names) {
      if (name.endsWith('/')) yield* keysBelow(view, prefix + name)
      else yield prefix + name
    }
    if (names.length < PAGE) return
    after = names.at(-1)
  }
}
