import type { Command } from '../../command.ts'
import { newSharesCommand } from './new-shares.ts'

export const command: Command = newSharesCommand({
  name: 'rekey',
  about: `
Make new shares for old ones, by the older paths of the API, which need no token but
a listener that lets them: disable_unauthed_rekey_endpoints = false. Otherwise use
"{program} operator rotate-keys", which does the same.

    $ {program} operator rekey -init -key-shares=5 -key-threshold=3
    $ {program} operator rekey
`,
  noun: 'rekey',
  reading: 'rekey',
  canceled: 'rekeying',
  nonceTitle: 'Rekey operation',
  root: 'sys/rekey',
  recovery: 'sys/rekey-recovery-key',
  backup: 'sys/rekey/backup',
  recoveryBackup: 'sys/rekey/recovery-key-backup',
  startMethod: 'PUT',
})
