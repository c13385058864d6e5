import { relative, resolve, sep } from 'node:path'
import { ruleCoverage, runTests, type TestRun } from '../../reconciler/access-tests/index.ts'
import { readTestFiles } from '../../reconciler/index.ts'
import { isBelow, testsJson, testsJunit, testsText, type TestReport } from '../../reconciler/report/access/index.ts'
import type { Paint } from '../../reconciler/report/index.ts'
import { accessFlags, accessOfFiles, accessOfTarget, refuseFiles } from '../access/index.ts'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { exitCodes, folderOf, orFail, paintOf } from '../reconcile/index.ts'
import { withLive } from './test/with-live.ts'

const formats: Readonly<Record<string, (report: TestReport, paint: Paint) => string>> = {
  pretty: testsText,
  json: testsJson,
  junit: testsJunit,
}

export const command: Command = defineCommand({
  usage: 'test [options] [PATH…]',
  about: `
Run the access tests of a repository: files below tests/ that say what a role, an
entity, a group, a token role or some policies can do, and what they cannot. They
are judged by the files alone; no server is needed.

    # tests/payments.yaml
    tests:
      - name: payments-api reads its secrets, but not those of the administrators
        role: payments-api
        allow: [read secret/data/payments/db]
        deny: [read secret/data/payments/admin/x]

    $ {program} test
    $ {program} test -coverage -fail-under=100
    $ {program} test -format=junit tests/payments.yaml

With -live every test is judged a second time by the policies and roles that stand
on the server, of which nothing but those is read, and must come out the same.

The exit code tells how it went:

    0  everything is as the tests say
    1  the tests cannot be run
    2  something is not, or -fail-under is missed
`,
  flags: {
    ...accessFlags,
    run: flag.string('Only tests whose name holds this text.'),
    coverage: flag.bool('Tell which rules of the policies no test has asked.'),
    failUnder: flag.int('The least share of rules that tests must cover, in percent. Implies -coverage.'),
    format: flag.string('How to print: "pretty", "json" or "junit".', { group: 'Output Options', default: 'pretty' }),
  },
  async run(ctx, given) {
    const { flags, args } = given
    const render = Object.hasOwn(formats, flags.format) ? formats[flags.format] : undefined
    if (render === undefined)
      throw new CommandFailed(`invalid output format "${flags.format}"; expected one of ${Object.keys(formats).join(', ')}`)
    if (flags.failUnder !== undefined && (flags.failUnder < 0 || flags.failUnder > 100))
      throw new CommandFailed('invalid value for flag -fail-under: expected 0 to 100')
    return await orFail(async () => {
      const dir = await folderOf(ctx, flags.dir)
      const source = flags.commit === undefined ? 'worktree' : { commit: flags.commit }
      const paths = args.map(it => relative(dir, resolve(ctx.cwd, it)).split(sep).join('/'))
      const files = await readTestFiles(dir, source, paths)
      const { run: wanted } = flags
      const tests = wanted === undefined ? files.tests : files.tests.filter(it => it.name.includes(wanted))
      if (files.findings.some(it => it.severity === 'error')) refuseFiles('the access tests are not right', files.findings)
      if (tests.length === 0) throw new CommandFailed('there are no access tests here; write some in tests/*.yaml', exitCodes.failed)
      const { access } = await accessOfFiles(ctx, given)
      const run: TestRun = runTests(tests, access)
      const missing = run.results.flatMap(it => it.findings)
      if (missing.length > 0) refuseFiles('the access tests name what is not there', missing)
      const live = flags.live ? await accessOfTarget(ctx, given) : undefined
      const report: TestReport = {
        results: live === undefined ? run.results : withLive(run.results, runTests(tests, live.access).results),
        ...(flags.coverage || flags.failUnder !== undefined ? { coverage: ruleCoverage(access, run.looked) } : {}),
        ...(flags.failUnder === undefined ? {} : { failUnder: flags.failUnder }),
        notes: live?.notes ?? [],
      }
      ctx.stdout.write(render(report, paintOf(ctx, flags)))
      return isBelow(report) || report.results.some(it => it.failures.length > 0) ? exitCodes.changes : exitCodes.clean
    })
  },
})
