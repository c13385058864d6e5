import { f, type WireObject } from '../../../../schema/index.ts'
import { faults } from '../../../logical/index.ts'
import type { Config } from './config.ts'
import type { Key } from './key.ts'

const CAS = f.int('The version that the write replaces; 0 when there must be none.')

/** Throws unless the write names the version that it replaces, where it names one or must. */
export function checkVersion(options: WireObject | undefined, config: Config, key: Key): void {
  if (options === undefined || !Object.hasOwn(options, 'cas')) {
    if (config.casRequired || key.casRequired) throw faults.refused({ why: 'check-and-set parameter required for this call' })
    return
  }
  const cas = CAS.decode(options['cas'] ?? 0, () => undefined)
  if (cas === undefined) throw faults.refused({ why: 'error parsing check-and-set parameter' })
  if (cas !== key.current) throw faults.refused({ why: 'check-and-set parameter did not match the current version' })
}

/** The same for the settings of a key. */
export function checkMetadataVersion(cas: number | undefined, config: Config, key: Key | undefined): void {
  if (cas === undefined) {
    if (config.metadataCasRequired || key?.metadataCasRequired === true) {
      throw faults.refused({ why: 'metadata check-and-set parameter required for this call' })
    }
  } else if (key === undefined) {
    if (cas !== 0) throw faults.refused({ why: 'metadata_cas must be 0 when creating new metadata' })
  } else if (cas !== key.metadataVersion) {
    throw faults.refused({ why: 'metadata check-and-set parameter does not match the current version' })
  }
}
