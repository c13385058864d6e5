import { readFile } from 'node:fs/promises'
import { defineCommand, type Command } from '../command.ts'
import { expectArgs } from '../input/index.ts'
import { flag } from '../flag.ts'

export const command: Command = defineCommand({
  usage: 'lsp [options]',
  about: `
A language server for policies and mount files: it shows what "lint" finds while
you type, tells what a rule means, formats, completes and mends. Editors start it
and speak to it over its standard input and output.

    $ {program} lsp

The reference tells how to set up VS Code, Neovim and Helix.
`,
  flags: { stdio: flag.bool('Speak over standard input and output. It always does; some editors say so.') },
  async run(ctx, { args }) {
    expectArgs(args, 0)
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      readonly version: string
    }
    const { serve } = await import('../../lsp/index.ts')
    await serve({ ...ctx.streams, now: () => ctx.clock.now(), version })
    return 0
  },
})
