import { whoCan } from '../../reconciler/access/index.ts'
import { whoCanJson, whoCanText } from '../../reconciler/report/access/index.ts'
import { accessFlags, askedRequest, factsOf, openAccess } from '../access/index.ts'
import { CommandFailed, defineCommand, type Command } from '../command.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { exitCodes, orFail, paintOf } from '../reconcile/index.ts'

export const command: Command = defineCommand({
  usage: 'whocan [options] OP PATH [K=V…]',
  about: `
Name everybody who may: roles of auth methods, token roles, entities and groups,
each with the policy and the rule that allow it. OP is create, read, update,
patch, delete, list or scan.

    $ {program} whocan read secret/data/payments/db
    $ {program} whocan -live update sys/policies/acl/payments-read

The answer comes from the repository, or with -live from the server, of which
nothing but policies, roles and identities is read. A rule with a template counts
for those whose identity it is about; say it with -with to have it resolved.
`,
  flags: {
    ...accessFlags,
    with: flag.pairs('What a template in a policy stands for, such as "identity.entity.name=ann"; may be repeated.'),
    format: flag.string('How to print: "table" or "json".', { group: 'Output Options', default: 'table' }),
  },
  async run(ctx, given) {
    const { flags, args } = given
    expectArgs(args, 2, Number.POSITIVE_INFINITY, 'at least 2')
    if (flags.format !== 'table' && flags.format !== 'json')
      throw new CommandFailed(`invalid output format "${flags.format}"; expected table or json`)
    return await orFail(async () => {
      const request = await askedRequest(ctx, args, flags)
      const facts = factsOf(flags.with)
      const { access, notes } = await openAccess(ctx, given)
      const found = whoCan(access, request, facts)
      ctx.stdout.write(flags.format === 'json' ? whoCanJson(found, request, notes) : whoCanText(found, request, notes, paintOf(ctx, flags)))
      return exitCodes.clean
    })
  },
})
