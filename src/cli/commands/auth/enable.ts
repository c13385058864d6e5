import { attempt, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'
import { wantedMount } from '../mount/mounted.ts'
import { enableFlags, givenSettings, lease, optionsOf, settingFlags } from '../mount/settings.ts'

export const command: Command = defineCommand({
  usage: 'auth enable [options] TYPE',
  about: `
Mount an auth method. It is reached below auth/.

    $ {program} auth enable approle
    $ {program} auth enable -path=staff -description="people" userpass
`,
  flags: {
    ...connectionFlags,
    ...enableFlags,
    ...settingFlags,
    tokenType: flag.string('The type of tokens it gives, whatever its roles say.'),
  },
  async run(ctx, { flags, args, set }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const { type, path, name } = wantedMount(args[0] as string, 'auth method', flags)
    const body = {
      type,
      description: flags.description ?? '',
      config: {
        options: null,
        default_lease_ttl: lease(flags.defaultLeaseTtl),
        max_lease_ttl: lease(flags.maxLeaseTtl),
        force_no_cache: false,
        ...givenSettings(flags, set),
        ...(flags.tokenType === undefined ? {} : { token_type: flags.tokenType }),
        ...(flags.pluginVersion === undefined ? {} : { plugin_version: flags.pluginVersion }),
      },
      local: flags.local,
      seal_wrap: flags.sealWrap,
      external_entropy_access: flags.externalEntropyAccess,
      options: optionsOf(flags),
    }
    await attempt(`Error enabling ${type} auth`, () => send(client, { method: 'POST', path: `sys/auth/${path}`, body }))
    out.line(`Success! Enabled ${name} at: ${path}`)
    return 0
  },
})
