import { readFile } from 'node:fs/promises'
import { type Command, defineCommand } from '../command.ts'

export const command: Command = defineCommand({
  usage: 'version',
  about: `
Print the version of this program and of the Node.js that runs it.

    $ {program} version
`,
  flags: {},
  async run(ctx) {
    const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      readonly version: string
    }
    ctx.stdout.write(`Lockstep v${version} (Node.js ${process.version})\n`)
    return 0
  },
})
