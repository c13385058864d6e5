import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Diagnostic } from '../../../kernel/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connectionFlags } from '../../connection.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'

/** `file:line:column: error: what`, and below it what to do. */
function findingText({ severity, summary, detail, at }: Diagnostic): string {
  const place = at === undefined ? '' : `${at.file}:${at.start.line}:${at.start.column}: `
  return `${place}${severity}: ${summary}${detail === undefined ? '' : `\n  ${detail}`}`
}

export const command: Command = defineCommand({
  usage: 'policy fmt [options] PATH',
  about: `
Format a policy file in place. Nothing is sent to a server. A file is left as it
is if formatting would lose a comment or change a rule; "fmt" formats many files
at once.

    $ {program} policy fmt policies/payments-read.hcl
`,
  flags: { ...connectionFlags },
  async run(ctx, { args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const given = (args[0] as string).trim()
    const path = given.startsWith('~/') ? join(ctx.home, given.slice(2)) : given
    const file = resolve(ctx.cwd, path)
    const failed =
      (doing: string) =>
      (cause: NodeJS.ErrnoException): never => {
        throw new CommandFailed(`${doing}: ${cause.message}`, 1, { cause })
      }
    const text = await readFile(file, 'utf8').catch(failed('Error reading source file'))
    const { formatPolicy } = await import('../../../hcl/index.ts')
    const { value, findings, peerError } = formatPolicy({ name: path, text }, { now: ctx.clock.now() })
    const said = findings.map(findingText)
    if (value === undefined) throw new CommandFailed([...(peerError === undefined ? [] : [peerError]), ...said].join('\n'))
    for (const line of said) out.warn(line)
    if (value !== text) await writeFile(file, value).catch(failed('Error writing result'))
    out.line(`Success! Formatted policy: ${path}`)
    return 0
  },
})
