import { failureComment, failureOutputs, jobSummary, outputsText, planOutputs } from '../../../reconciler/report/comment/index.ts'
import { defineCommand, type Command } from '../../command.ts'
import { appendTo, jobFlags, openJob } from '../../github/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'github summary -plan=FILE [options]',
  about: `
Put a plan into the summary of a job ($GITHUB_STEP_SUMMARY), and what later steps
decide by into its outputs ($GITHUB_OUTPUT). Outside of a job both are printed.

    $ {program} github summary -plan=plan.json

The outputs are changes, to_add, to_change, to_destroy, to_move, plan_hash,
failure_reason, drift and findings.
`,
  flags: jobFlags,
  async run(ctx, { flags, args }) {
    expectArgs(args, 0)
    const { plan, findings, options } = await openJob(ctx, flags)
    await appendTo(ctx, 'GITHUB_STEP_SUMMARY', plan === undefined ? failureComment(findings, options) : jobSummary(plan, options))
    await appendTo(ctx, 'GITHUB_OUTPUT', outputsText(plan === undefined ? failureOutputs(findings) : planOutputs(plan)))
    return 0
  },
})
