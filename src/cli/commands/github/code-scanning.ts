import { readFile } from 'node:fs/promises'
import { uploadSarif } from '../../../reconciler/github/index.ts'
import { CommandFailed, defineCommand, type Command } from '../../command.ts'
import { flag } from '../../flag.ts'
import { openGitHub, orGitHubFailed, repositoryFlags, shaOf } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'
import { absolute } from '../../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'github code-scanning -sarif=FILE [options]',
  about: `
Hand a report in SARIF to code scanning, which shows it beside the lines of the
files, and closes what is not in it any more.

    $ {program} drift -commit=HEAD -format=sarif > drift.sarif
    $ {program} github code-scanning -sarif=drift.sarif

The token is GITHUB_TOKEN or GH_TOKEN, and needs to write security events.
`,
  flags: {
    ...repositoryFlags,
    sarif: flag.string('The report.', { group: 'GitHub Options' }),
    sha: flag.string('The commit. Without it, the head of the pull request, or GITHUB_SHA.', { group: 'GitHub Options' }),
    ref: flag.string('The branch or pull request, in full (refs/heads/main).', { group: 'GitHub Options', env: 'GITHUB_REF' }),
  },
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const { sarif: file, ref } = flags
    if (file === undefined || file === '') throw new CommandFailed('say -sarif=FILE, with what "-format=sarif" printed')
    if (ref === undefined || !ref.startsWith('refs/')) throw new CommandFailed('say -ref=refs/heads/BRANCH, or GITHUB_REF')
    const sarif = await readFile(absolute(ctx, file), 'utf8').catch((cause: Error) => {
      throw new CommandFailed(`cannot read ${file}: ${cause.message}`, 1, { cause })
    })
    if (!/"version"\s*:\s*"2\.1\.0"/.test(sarif)) throw new CommandFailed(`${file} is no SARIF 2.1.0`)
    const sha = await shaOf(ctx, flags.sha)
    const github = await openGitHub(ctx, flags)
    const startedAt = ctx.clock.now()
    const id = await orGitHubFailed(() => uploadSarif(github, { sha, ref, sarif, startedAt }))
    ctx.stdout.write(`Uploaded the report (${id}).\n`)
    return 0
  },
})
