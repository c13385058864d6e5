import { readFileSync } from 'node:fs'
import { formatPolicy, renderDiagnostic, sourceOfBytes } from '../../hcl/index.ts'
import type { SourceFile } from '../../kernel/index.ts'
import { CommandFailed, type Context, defineCommand, type Command } from '../command.ts'
import { complain } from '../complain.ts'
import { flag } from '../flag.ts'
import { fileError } from '../input/index.ts'
import { writeWhole } from '../write-whole.ts'
import { policyFiles, type PolicyFile } from './fmt/files.ts'

interface Wish {
  readonly check: boolean
  readonly diff: boolean
  readonly write: boolean
}

/** `failed`: it cannot be read, formatted or written, and why has been said. */
type Verdict = 'formatted' | 'unformatted' | 'failed'

export const command: Command = defineCommand({
  usage: 'fmt [options] [PATH…|-]',
  about: `
Format policy files: byte for byte as the field's own formatter, but where that
would lose a comment or change a rule the file is left as it is, and the place is
shown. A folder stands for every *.hcl in and below it, "-" for standard input;
without a path, the policies of the repository around the current folder.

    $ {program} fmt policies/payments-read.hcl
    $ {program} fmt -write policies
    $ {program} fmt -check -diff

One file is printed as it should look. For more, say -write, -check or -diff. The
exit code is 0, 2 if -check finds files that are not formatted, and 1 if a file
cannot be read, formatted or written; the others are seen to all the same.
`,
  flags: {
    check: flag.bool('Write nothing; name the files that are not formatted, and exit with 2 if there are any.'),
    diff: flag.bool('Print what would change.'),
    write: flag.bool('Rewrite the files that are not formatted, and name them.'),
  },
  async run(ctx, { flags, args }) {
    if (flags.check && flags.write) throw new CommandFailed('-check writes nothing; say -check or -write, not both')
    if (args.includes('-')) {
      if (args.length > 1) throw new CommandFailed('"-" is standard input and stands alone')
      if (flags.write) throw new CommandFailed('standard input cannot be rewritten; leave out -write')
      const { verdict } = await formatted(ctx, sourceOfBytes('<stdin>', await ctx.stdin.bytes()), flags)
      return exitCode([verdict], flags)
    }
    const files = policyFiles(ctx, args)
    if (files.length > 1 && !flags.check && !flags.diff && !flags.write) {
      throw new CommandFailed(`${files.length} files cannot be printed at once; say -write, -check or -diff`)
    }
    const verdicts: Verdict[] = []
    for (const file of files) verdicts.push(await formattedFile(ctx, file, flags))
    return exitCode(verdicts, flags)
  },
})

function exitCode(verdicts: readonly Verdict[], { check }: Wish): number {
  if (verdicts.includes('failed')) return 1
  return check && verdicts.includes('unformatted') ? 2 : 0
}

async function formattedFile(ctx: Context, { path, name }: PolicyFile, wish: Wish): Promise<Verdict> {
  let source: SourceFile
  try {
    source = sourceOfBytes(name, readFileSync(path))
  } catch (thrown) {
    complain(ctx, `cannot read ${name}: ${fileError(thrown, name)}`)
    return 'failed'
  }
  const { verdict, text } = await formatted(ctx, source, wish)
  if (verdict !== 'unformatted' || !wish.write || text === undefined) return verdict
  try {
    writeWhole(path, text)
  } catch (thrown) {
    complain(ctx, `cannot write ${name}: ${fileError(thrown, name)}`)
    return 'failed'
  }
  ctx.stdout.write(`${name}\n`)
  return verdict
}

async function formatted(ctx: Context, source: SourceFile, wish: Wish): Promise<{ readonly verdict: Verdict; readonly text?: string }> {
  const { value, findings } = formatPolicy(source, { now: ctx.clock.now() })
  const said = value === undefined ? findings.filter(it => it.severity === 'error') : findings
  for (const finding of said) ctx.stderr.write(`${renderDiagnostic(finding, source)}\n`)
  if (value === undefined) return { verdict: 'failed' }
  if (!wish.check && !wish.write && !wish.diff) ctx.stdout.write(value)
  if (value === source.text) return { verdict: 'formatted' }
  if (wish.check) ctx.stdout.write(`${source.name}\n`)
  if (wish.diff) ctx.stdout.write(await diffOf(source, value))
  return { verdict: 'unformatted', text: value }
}

async function diffOf({ name, text }: SourceFile, after: string): Promise<string> {
  // Few ask for it, and it costs the others their time.
  const { textDiff } = await import('../../reconciler/report/index.ts')
  const lines = textDiff(text, after).map(it => (it.sign === '@' ? it.text : `${it.sign}${it.text}`))
  return [`--- ${name}`, `+++ ${name}`, ...lines, ''].join('\n')
}
