import type { Command } from '../../command.ts'
import { newSharesCommand } from './new-shares.ts'

export const command: Command = newSharesCommand({
  name: 'rotate-keys',
  about: `
Make new shares for old ones: for other people, in another number, of which another
number is needed. Somebody starts it, then each gives a share that is in force; the
last one is shown the new ones. The server goes on meanwhile.

    $ {program} operator rotate-keys -init -key-shares=5 -key-threshold=3
    $ {program} operator rotate-keys

With -verify the new shares come into force only when enough of them were given back:

    $ {program} operator rotate-keys -init -verify
    $ {program} operator rotate-keys -verify
`,
  noun: 'rotation',
  reading: 'rotate',
  canceled: 'rotation',
  nonceTitle: 'rotation',
  root: 'sys/rotate/root',
  recovery: 'sys/rotate/recovery',
  backup: 'sys/rotate/root/backup',
  recoveryBackup: 'sys/rotate/recovery/backup',
  startMethod: 'POST',
})
