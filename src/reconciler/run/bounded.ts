import type { TargetReader } from '../model/index.ts'

/**
 * A reader of which so many requests are under way at once, and not one more after the first that failed: whatever is asked then,
 * the run is over, and its error is the one that counts.
 */
export function boundedReader(reader: TargetReader, atOnce: number): TargetReader {
  let running = 0
  let failure: { readonly error: unknown } | undefined
  const waiting: (() => void)[] = []

  async function turn<T>(work: () => Promise<T>, isFatal: (error: unknown) => boolean): Promise<T> {
    if (running >= atOnce) await new Promise<void>(resolve => void waiting.push(resolve))
    if (failure !== undefined) {
      waiting.shift()?.()
      throw failure.error
    }
    running++
    try {
      return await work()
    } catch (error) {
      if (isFatal(error)) failure ??= { error }
      throw error
    } finally {
      running--
      waiting.shift()?.()
    }
  }

  /** A refusal may be an answer (this may not be listed, that way does not exist); no answer at all ends the run. */
  const hasNoStatus = (error: unknown): boolean => (error as { readonly status?: unknown }).status === undefined
  return {
    read: (path, query) => turn(() => reader.read(path, query), hasNoStatus),
    list: path => turn(() => reader.list(path), hasNoStatus),
  }
}
