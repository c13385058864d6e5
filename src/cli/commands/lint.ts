import { resolve } from 'node:path'
import { renderDiagnostic, sourceOfBytes } from '../../hcl/index.ts'
import type { Severity, SourceFile } from '../../kernel/index.ts'
import {
  compactReport,
  githubReport,
  jsonReport,
  junitReport,
  lintSummary,
  sarifReport,
  coloured,
  plain,
  type LintReport,
  type Paint,
} from '../../reconciler/report/lint/index.ts'
import { applyFixes, lint, rules, type LintFinding } from '../../reconciler/rules/index.ts'
import { CommandFailed, defineCommand, type Command, type Context } from '../command.ts'
import { flag } from '../flag.ts'
import { writeWhole } from '../write-whole.ts'
import { gather, type Gathered } from './lint/gather.ts'

const levels: readonly Severity[] = ['error', 'warning', 'note']

type Renderer = (report: LintReport, paint: Paint, sources: ReadonlyMap<string, SourceFile>) => string

const formats: Readonly<Record<string, Renderer>> = {
  pretty: (report, _paint, sources) =>
    [...report.findings.map(it => `${renderDiagnostic(it, sources.get(it.at.file))}\n\n`), `${lintSummary(report)}\n`].join(''),
  compact: compactReport,
  json: jsonReport,
  github: githubReport,
  sarif: sarifReport,
  junit: junitReport,
}

export const command: Command = defineCommand({
  usage: 'lint [options] [PATH…]',
  about: `
Look for mistakes in policies: what the server would refuse, what does not mean
what it seems to, and what gives more than it shows. In a repository, mounts and
roles are taken into account too. Without a path, the repository around the
current folder is looked at; "-" is a policy on standard input.

    $ {program} lint
    $ {program} lint -format=github -fail-level=error
    $ {program} lint -fix policies/payments-read.hcl

A comment takes a finding away, and says why:

    # lockstep:ignore escalation: only the apply job of the protected branch has it
    path "sys/policies/acl/*" { …

The levels of rules are set in lockstep.yaml: "lint: { rules: { unused-policy: off } }".
The exit code is 0, 2 if there are findings of -fail-level or worse, and 1 if the
files cannot be looked at.
`,
  flags: {
    dir: flag.string('The managed repository. Without it, the nearest one around the path, or the current folder.', {
      env: 'LOCKSTEP_DIR',
    }),
    format: flag.string('How to print: "pretty", "compact", "json", "github", "sarif" or "junit".', { default: 'pretty' }),
    failLevel: flag.string('The least level that makes the exit code 2: "error", "warning" or "note".', { default: 'warning' }),
    fix: flag.bool('Make the edits that change nothing of what a policy means.'),
    noColor: flag.bool('Print without colours.'),
  },
  async run(ctx, { flags, args }) {
    const render = Object.hasOwn(formats, flags.format) ? formats[flags.format] : undefined
    if (render === undefined)
      throw new CommandFailed(`invalid output format "${flags.format}"; expected one of ${Object.keys(formats).join(', ')}`)
    const least = levels.findIndex(it => it === flags.failLevel)
    if (least < 0) throw new CommandFailed(`invalid value "${flags.failLevel}" for flag -fail-level: expected one of ${levels.join(', ')}`)
    const isStdin = args.includes('-')
    if (isStdin && (args.length > 1 || flags.fix)) throw new CommandFailed('"-" is standard input: it stands alone, and cannot be fixed')
    const dir = flags.dir === undefined || flags.dir === '' ? undefined : resolve(ctx.cwd, flags.dir)
    const now = ctx.clock.now()
    const gathered = isStdin ? await fromStdin(ctx, now) : await gather({ cwd: ctx.cwd, paths: args, dir, now })
    const { input, findings } = flags.fix ? fixed(gathered) : { input: gathered.input, findings: found(gathered) }
    const report = { findings, files: [...gathered.paths.keys()].sort(), rules: Object.values(rules) }
    const paint = ctx.stdout.isTerminal && ctx.colour && !flags.noColor ? coloured : plain
    const sources = new Map([...input.policies.map(it => it.file), ...(input.files ?? [])].map(it => [it.name, it]))
    ctx.stdout.write(render(report, paint, sources))
    return findings.some(it => levels.indexOf(it.severity) <= least) ? 2 : 0
  },
})

async function fromStdin(ctx: Context, now: Date): Promise<Gathered> {
  const name = '<stdin>'
  return { input: { policies: [{ file: sourceOfBytes(name, await ctx.stdin.bytes()), name }], now }, paths: new Map([[name, name]]) }
}

/** Of the files that were asked for: the others are read for what they say about these. */
const found = ({ input, settings, paths }: Gathered): readonly LintFinding[] =>
  lint(input, Object.values(rules), settings === undefined ? {} : { settings }).filter(
    it => paths.has(it.at.file) || it.at.file === 'lockstep.yaml',
  )

interface Outcome {
  readonly input: Gathered['input']
  readonly findings: readonly LintFinding[]
}

/** One edit can make room for another, so it goes on until nothing is left to do; then the files are written. */
function fixed(gathered: Gathered): Outcome {
  let { input } = gathered
  const changed = new Map<string, string>()
  for (;;) {
    const findings = found({ ...gathered, input })
    const byFile = Map.groupBy(
      findings.filter(it => it.fix?.safe === true),
      it => it.at.file,
    )
    let isDone = true
    const policies = input.policies.map(policy => {
      const result = applyFixes(policy.file, byFile.get(policy.file.name) ?? [])
      if (result === undefined) return policy
      isDone = false
      changed.set(policy.file.name, result.text)
      return { ...policy, file: { ...policy.file, text: result.text } }
    })
    if (isDone) {
      for (const [name, text] of changed) writeWhole(gathered.paths.get(name) as string, text)
      return { input, findings }
    }
    input = { ...input, policies }
  }
}
