import { faults } from '../logical/index.ts'
import type { Storage } from '../storage/index.ts'
import { sealPath } from './paths.ts'

/**
 * What must be readable before anything can be decrypted: how the root key is guarded. It lies outside of the encryption, so
 * it must hold nothing that is secret in clear.
 */
export interface SealStore {
  /** Undefined when there is none. Rejects with `recordUnreadable` when it is no JSON. */
  read(): Promise<unknown>
  /** False, with nothing changed, when somebody else has stored another one since it was read here. */
  replace(config: unknown): Promise<boolean>
}

export function createSealStore(storage: Storage): SealStore {
  let known: Uint8Array | undefined
  return {
    async read() {
      known = await storage.get(sealPath).catch(failed)
      if (known === undefined) return undefined
      try {
        return JSON.parse(Buffer.from(known).toString()) as unknown
      } catch (cause) {
        throw faults.recordUnreadable({ cause })
      }
    },
    async replace(config) {
      const next = Buffer.from(JSON.stringify(config))
      const done = await storage.commit({ expect: [[sealPath, known]], put: [[sealPath, next]] }).catch(failed)
      if (done) known = next
      return done
    },
  }
}

function failed(cause: unknown): never {
  throw faults.storageFailed({ cause })
}
