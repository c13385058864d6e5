import type { Storage } from '../storage/index.ts'

const KEY = 'core/seal'

/**
 * What must be readable before anything can be decrypted: how the root key is guarded. It lies outside of the encryption, so
 * it must hold nothing that is secret in clear.
 */
export interface SealStore {
  read(): Promise<unknown>
  /** False when it is no longer what `before` was read as. */
  replace(before: unknown, after: unknown): Promise<boolean>
}

export function createSealStore(storage: Storage): SealStore {
  let raw: Uint8Array | undefined
  return {
    async read() {
      raw = await storage.get(KEY)
      return raw === undefined ? undefined : (JSON.parse(Buffer.from(raw).toString()) as unknown)
    },
    async replace(_before, after) {
      const bytes = Buffer.from(JSON.stringify(after))
      const done = await storage.commit({ expect: [[KEY, raw]], put: [[KEY, bytes]] })
      if (done) raw = bytes
      return done
    },
  }
}
