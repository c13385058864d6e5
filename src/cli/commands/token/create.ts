import { goDuration } from '../../../kernel/index.ts'
import { attempt, write } from '../../api/index.ts'
import { type Command, CommandFailed, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { byBytes, fieldFlags, formatFlags, printerOf } from '../../output/index.ts'
import { expectArgs } from '../../input/index.ts'

export const command: Command = defineCommand({
  usage: 'token create [options]',
  about: `
Create a token, as a child of the one in use. Without policies it gets the same
as its parent.

    $ {program} token create -policy=ci -ttl=20m
    $ {program} token create -orphan -period=24h -policy=metrics
`,
  flags: {
    ...connectionFlags,
    ...fieldFlags,
    ...formatFlags,
    id: flag.string('The token itself, in place of a random one. Needs sudo.'),
    displayName: flag.string('A name for people, which audit logs show.'),
    ttl: flag.duration('How long it lives unless it is renewed.'),
    explicitMaxTtl: flag.duration('How long it can live at most, however often it is renewed.'),
    period: flag.duration('Makes it live for this long from each renewal, without an end. Needs sudo.'),
    renewable: flag.bool('Whether it can be renewed.', { default: true }),
    orphan: flag.bool('Give it no parent, so that it outlives the one in use. Needs sudo.'),
    noDefaultPolicy: flag.bool('Leave the policy "default" out.'),
    useLimit: flag.int('How often it can be used; 0: without limit.', { default: 0 }),
    role: flag.string('The token role to create it by, which may overrule the other options.'),
    type: flag.string('"service" or "batch".', { default: 'service' }),
    metadata: flag.pairs('A pair for audit logs; may be repeated.'),
    policy: flag.strings('A policy; may be repeated.'),
    entityAlias: flag.string('The alias of the entity it belongs to; with -role, and only one that the role allows.'),
  },
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    expectArgs(args, 0)
    const client = await connect(ctx, flags)
    const metadata = Object.fromEntries([...flags.metadata].sort(([a], [b]) => byBytes(a, b)))
    const body = {
      ...(flags.id === undefined ? {} : { id: flags.id }),
      ...(flags.policy.length === 0 ? {} : { policies: flags.policy }),
      ...(flags.metadata.size === 0 ? {} : { meta: metadata }),
      ttl: goDuration(flags.ttl ?? 0),
      explicit_max_ttl: goDuration(flags.explicitMaxTtl ?? 0),
      period: goDuration(flags.period ?? 0),
      ...(flags.orphan ? { no_parent: true } : {}),
      ...(flags.noDefaultPolicy ? { no_default_policy: true } : {}),
      display_name: flags.displayName ?? '',
      num_uses: flags.useLimit,
      // A batch token cannot be, and the API refuses the wish.
      renewable: flags.type === 'batch' ? false : flags.renewable,
      type: flags.type,
      entity_alias: flags.entityAlias ?? '',
    }
    const path = flags.role === undefined || flags.role === '' ? 'auth/token/create' : `auth/token/create/${flags.role}`
    const secret = await attempt('Error creating token', () => write(client, path, body, 'POST'))
    if (secret === undefined) throw new CommandFailed('Error creating token: the server answered nothing', 2)
    return flags.field === undefined ? out.secret(secret) : out.secretField(secret, flags.field)
  },
})
