/**
 * Transit: encrypts, signs and authenticates for those who shall not hold keys. Knows the framework; must not know core, nor
 * another engine.
 */
import { defineEngine, type SecretsEngine } from '../../framework/index.ts'
import { backupRoutes } from './backup.ts'
import { byokRoutes } from './byok.ts'
import { rotateDue } from './change.ts'
import { crypt } from './crypt.ts'
import { exportRoutes } from './export.ts'
import { importRoutes } from './import.ts'
import { Mount } from './key.ts'
import { keys } from './keys.ts'
import { randomRoutes } from './random.ts'
import { signRoutes } from './sign.ts'
import { settingsRoutes } from './settings.ts'

export const transit: SecretsEngine = defineEngine<Mount>({
  type: 'transit',
  doc: 'Encrypts and signs with keys that stay here.',
  families: [keys, crypt, signRoutes, randomRoutes, exportRoutes, importRoutes, byokRoutes, backupRoutes, settingsRoutes],
  sealWrapped: ['version/', 'import/'],
  open: host => new Mount(host),
  tick: rotateDue,
  close: mount => mount.close(),
})
