import { attempt, RequestFailed } from '../api/index.ts'
import type { Printer, Secret } from '../output/index.ts'

/** Does a write and prints what comes back: the reply, one field of it, or that it was done. */
export async function printWritten(
  out: Printer,
  path: string,
  field: string | undefined,
  work: () => Promise<Secret | undefined>,
): Promise<number> {
  const secret = await attempt(`Error writing data to ${path}`, async () => {
    try {
      return await work()
    } catch (thrown) {
      if (thrown instanceof RequestFailed && thrown.secret !== undefined) out.secret(thrown.secret)
      throw thrown
    }
  })
  if (secret === undefined) return out.success(`Success! Data written to: ${path}`)
  return field === undefined ? out.secret(secret) : out.secretField(secret, field)
}
