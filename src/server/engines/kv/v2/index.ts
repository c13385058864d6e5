/**
 * Key/value secrets, version 2: versions, check-and-set, settings a key. Knows the framework, what both versions share,
 * and where version 1 keeps its secrets, to take them over; must not know core.
 *
 * Every write is one transaction. The read of a current version costs one record when the mount has read it before.
 */
import { defineEngine, type SecretsEngine } from '../../../framework/index.ts'
import { config } from './config.ts'
import { data } from './data.ts'
import { elsewhere } from './elsewhere.ts'
import { metadata } from './metadata.ts'
import { openMount } from './mount.ts'
import { versionsOfKeys } from './versions.ts'

export const version2: SecretsEngine = defineEngine({
  type: 'kv',
  doc: 'Key/value secrets with versions.',
  families: [config, data, versionsOfKeys, metadata, elsewhere],
  sealWrapped: ['versions/'],
  open: openMount,
  ready: ({ upgrade }) => upgrade.ready(),
  tick: ({ upgrade }) => upgrade.proceed(),
  async close({ keys, upgrade }) {
    await upgrade.stop()
    keys.clear()
  },
})
