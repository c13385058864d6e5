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
  /** What was sent while nobody could say whether it came through. */
  let sent: Uint8Array | undefined
  const stored = (): Promise<Uint8Array | undefined> => storage.get(sealPath).catch(failed)
  /** Whether what was sent last is there. Rejects when that cannot be told. */
  const settle = async (): Promise<boolean> => {
    if (sent === undefined) return false
    const there = await stored()
    const arrived = there !== undefined && Buffer.compare(there, sent) === 0
    if (arrived) known = sent
    sent = undefined
    return arrived
  }
  return {
    async read() {
      known = await stored()
      sent = undefined
      if (known === undefined) return undefined
      try {
        return JSON.parse(Buffer.from(known).toString()) as unknown
      } catch (cause) {
        throw faults.recordUnreadable({ cause })
      }
    },
    async replace(config) {
      await settle()
      const next = Buffer.from(JSON.stringify(config))
      sent = next
      try {
        const done = await storage.commit({ expect: [[sealPath, known]], put: [[sealPath, next]] })
        if (done) known = next
        sent = undefined
        return done
      } catch (cause) {
        // It may have become durable all the same, and then it is in force: nobody must be told that it is not.
        if (await settle()) return true
        return failed(cause)
      }
    },
  }
}

function failed(cause: unknown): never {
  throw faults.storageFailed({ cause })
}
