import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { formatPolicy, sourceOfBytes } from '../../../hcl/index.ts'
import type { Diagnostic } from '../../../kernel/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connectionFlags } from '../../connection.ts'
import { expectArgs, fileError } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'
import { writeWhole } from '../../write-whole.ts'

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
  run(ctx, { args }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const given = (args[0] as string).trim()
    const path = given.startsWith('~/') ? join(ctx.home, given.slice(2)) : given
    const file = resolve(ctx.cwd, path)
    const source = attempt('Error reading source file', path, () => sourceOfBytes(path, readFileSync(file)))
    const { value, findings, peerError } = formatPolicy(source, { now: ctx.clock.now() })
    const said = findings.map(findingText)
    if (value === undefined) throw new CommandFailed([...(peerError === undefined ? [] : [peerError]), ...said].join('\n'))
    for (const line of said) out.warn(line)
    if (value !== source.text) attempt('Error writing result', path, () => writeWhole(file, value))
    out.line(`Success! Formatted policy: ${path}`)
    return Promise.resolve(0)
  },
})

function attempt<T>(doing: string, path: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    throw new CommandFailed(`${doing}: ${fileError(cause, path)}`, 1, { cause })
  }
}
