/** A rebuild of the lists behind a change, and what to say of it to whoever made the change. */
import { faults } from '../../logical/index.ts'
import { CrlFailure } from './crl-builder.ts'
import type { PkiMount } from './mount.ts'

const numbered = (warnings: readonly string[]): readonly string[] => warnings.map((it, i) => `Warning ${i + 1} during CRL rebuild: ${it}`)

/** The change stands already, so a failure is a warning too. */
export async function rebuilt(mount: PkiMount, forceNew: boolean): Promise<readonly string[]> {
  try {
    return numbered(await mount.crl.rebuild(forceNew))
  } catch (cause) {
    if (cause instanceof CrlFailure) return [cause.message]
    throw cause
  }
}

/** For those who asked for the lists themselves. @throws the fault that says why they could not be built */
export async function rebuiltOrFault(build: () => Promise<readonly string[]>, what = 'CRL'): Promise<readonly string[]> {
  try {
    return numbered(await build())
  } catch (cause) {
    if (!(cause instanceof CrlFailure)) throw cause
    throw cause.isRequest
      ? faults.refused({ why: `Error during ${what} building: ${cause.message}` }, { cause })
      : faults.failedAs({ why: `error encountered during ${what} building: ${cause.message}` }, { cause })
  }
}
