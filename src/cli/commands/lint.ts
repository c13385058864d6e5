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
import { lintWorlds, worldsOf, type LintTexts } from '../../reconciler/lint/index.ts'
import { applyFixes, rules, type LintFinding } from '../../reconciler/rules/index.ts'
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

Where a repository has targets, each is looked at with its files laid over the
others.

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
    strict: flag.bool('Read each policy with a parser of HCL2 too, as other tools do, and tell where it sees another one.'),
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
    const gathered = isStdin ? await fromStdin(ctx, now) : gather({ cwd: ctx.cwd, paths: args, dir, now })
    const readHcl2 = flags.strict ? (await import('../../reconciler/load/index.ts')).parseHcl2 : undefined
    const job = { ...gathered, texts: { ...gathered.texts, readHcl2 } }
    const { texts, findings } = flags.fix ? await fixed(job) : { texts: job.texts, findings: await found(job) }
    const report = { findings, files: [...job.paths.keys()].sort(), rules: Object.values(rules) }
    const paint = ctx.stdout.isTerminal && ctx.colour && !flags.noColor ? coloured : plain
    const others = texts.others.flatMap(({ path, text }) => (text === undefined ? [] : { name: path, text }))
    const sources = new Map([...texts.policies.map(it => it.file), ...others].map(it => [it.name, it]))
    ctx.stdout.write(render(report, paint, sources))
    return findings.some(it => levels.indexOf(it.severity) <= least) ? 2 : 0
  },
})

async function fromStdin(ctx: Context, now: Date): Promise<Gathered> {
  const name = '<stdin>'
  const policies = [{ file: sourceOfBytes(name, await ctx.stdin.bytes()), name }]
  return { texts: { policies, others: [], now }, paths: new Map([[name, name]]) }
}

/** Of the files that were asked for: the others are read for what they say about these. */
async function found({ texts, paths }: Gathered): Promise<readonly LintFinding[]> {
  const findings = lintWorlds(await worldsOf(texts), { rules: Object.values(rules) })
  return findings.filter(it => paths.has(it.at.file) || it.at.file === 'lockstep.yaml')
}

interface Outcome {
  readonly texts: LintTexts
  readonly findings: readonly LintFinding[]
}

/** One edit can make room for another, so it goes on until nothing is left to do; then the files are written. */
async function fixed(gathered: Gathered): Promise<Outcome> {
  let { texts } = gathered
  const changed = new Map<string, string>()
  for (;;) {
    const findings = await found({ ...gathered, texts })
    const byFile = Map.groupBy(
      findings.filter(it => it.fix?.safe === true),
      it => it.at.file,
    )
    let isDone = true
    const policies = texts.policies.map(policy => {
      const result = applyFixes(policy.file, byFile.get(policy.file.name) ?? [])
      if (result === undefined) return policy
      isDone = false
      changed.set(policy.file.name, result.text)
      return { ...policy, file: { ...policy.file, text: result.text } }
    })
    if (isDone) {
      for (const [name, text] of changed) writeWhole(gathered.paths.get(name) as string, text)
      return { texts, findings }
    }
    texts = { ...texts, policies }
  }
}
