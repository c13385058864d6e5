import { nearest } from '../../kernel/index.ts'
import { answerFor, findHolder, together, type Access, type Answer, type Effective, type Holder } from '../../reconciler/access/index.ts'
import { explainJson, explainText, type ExplainReport } from '../../reconciler/report/access/index.ts'
import { accessFlags, askedRequest, factsOf, openAccess, orUsage } from '../access/index.ts'
import { CommandFailed, defineCommand, type Command, type Context } from '../command.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { exitCodes, orFail, paintOf } from '../reconcile/index.ts'
import { isFile, withFiles } from './explain/files.ts'
import { ofToken } from './explain/token.ts'

export const command: Command = defineCommand({
  usage: 'explain [options] OP PATH [K=V…]',
  about: `
Say whether a request would be allowed, and why: the rule that answers with its
file and line, the rules that fit too and why each is passed over, and the reason
where it is denied. OP is create, read, update, patch, delete, list or scan.

    $ {program} explain -policy=payments-read read secret/data/payments/admin/x
    $ {program} explain -role=approle/payments-api read secret/data/payments/db
    $ {program} explain -accessor=ACCESSOR update secret/data/payments/db

Policies are those of the repository, or with -live those of the server; a file
(-policy=./draft.hcl) stands for itself. Several roles count together, as when a
login's entity and its groups add theirs. With -token or -accessor, the server is
asked what the token holds. Parameters go behind the path, as for write.

The exit code is 0 for what is allowed, 2 for what is denied, and 1 if that cannot
be told.
`,
  flags: {
    ...accessFlags,
    policy: flag.strings('Names of policies with commas between them, or a file; may be repeated.'),
    role: flag.strings('A role, token role, entity or group: its address, or the end of it. May be repeated.'),
    token: flag.string('A token of the server; "-" reads it from standard input, "self" is the one in use.'),
    accessor: flag.string('The accessor of a token of the server.'),
    with: flag.pairs('What a template in a policy stands for, such as "identity.entity.name=ann"; may be repeated.'),
    format: flag.string('How to print: "table" or "json".', { group: 'Output Options', default: 'table' }),
  },
  async run(ctx, given) {
    const { flags, args } = given
    expectArgs(args, 2, Number.POSITIVE_INFINITY, 'at least 2')
    if (flags.format !== 'table' && flags.format !== 'json')
      throw new CommandFailed(`invalid output format "${flags.format}"; expected table or json`)
    const names = flags.policy
      .flatMap(it => it.split(','))
      .map(it => it.trim())
      .filter(it => it !== '')
    const ways = [names.length > 0 || flags.role.length > 0, flags.token !== undefined, flags.accessor !== undefined]
    if (ways.filter(it => it).length !== 1)
      throw new CommandFailed('say whose request it is: with -policy and -role, or with -token, or with -accessor')
    return await orFail(async () => {
      const request = await askedRequest(ctx, args, flags)
      const facts = factsOf(flags.with)
      const report = async (): Promise<ExplainReport> => {
        if (flags.token !== undefined || flags.accessor !== undefined) return await ofToken(ctx, given, request, facts)
        const opened = names.every(isFile) && flags.role.length === 0 ? undefined : await openAccess(ctx, given)
        const { access, names: policies } = await withFiles(ctx, opened?.access, names)
        const holders = flags.role.map(it => orUsage(() => findHolder(access, it)))
        const held = heldBy(access, policies, holders)
        const answer: Answer = answerFor(access, held, request, facts)
        return {
          answer,
          of: holders.map(it => it.address),
          unknown: answer.policies.filter(it => !access.policyNames.has(it)),
          notes: opened?.notes ?? [],
        }
      }
      return print(ctx, flags, await report())
    })
  },
})

function print(ctx: Context, flags: { readonly format: string; readonly noColor: boolean }, report: ExplainReport): number {
  ctx.stdout.write(flags.format === 'json' ? explainJson(report) : explainText(report, paintOf(ctx, flags)))
  return report.answer.allowed ? exitCodes.clean : exitCodes.changes
}

/** What one token holds by all of them. @throws CommandFailed for a policy that was named and is not there */
function heldBy(access: Access, policies: readonly string[], holders: readonly Holder[]): Effective {
  const missing = policies.find(it => !access.policyNames.has(it.toLowerCase()))
  if (missing !== undefined) {
    const near = nearest(missing, [...access.policyNames])
    throw new CommandFailed(`there is no policy ${missing}${near === undefined ? '' : `; did you mean ${near}?`}`)
  }
  return together(
    policies.map(it => it.toLowerCase()),
    holders.map(it => access.effective(it)),
  )
}
