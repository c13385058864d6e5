import { attempt, send } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'
import { wantedMount } from '../mount/mounted.ts'
import { enableFlags, givenSettings, lease, optionsOf, settingFlags } from '../mount/settings.ts'

export const command: Command = defineCommand({
  usage: 'secrets enable [options] TYPE',
  about: `
Mount a secrets engine.

    $ {program} secrets enable -path=payments -version=2 kv
    $ {program} secrets enable -max-lease-ttl=24h database
`,
  flags: {
    ...connectionFlags,
    ...enableFlags,
    ...settingFlags,
    forceNoCache: flag.bool('Never cache what it stores.'),
  },
  async run(ctx, { flags, args, set }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const { type, path, name } = wantedMount(args[0] as string, 'secrets engine', flags)
    const body = {
      type,
      description: flags.description ?? '',
      config: {
        options: null,
        default_lease_ttl: lease(flags.defaultLeaseTtl),
        max_lease_ttl: lease(flags.maxLeaseTtl),
        force_no_cache: flags.forceNoCache,
        ...givenSettings(flags, set),
        ...(flags.pluginVersion === undefined ? {} : { plugin_version: flags.pluginVersion }),
      },
      local: flags.local,
      seal_wrap: flags.sealWrap,
      external_entropy_access: flags.externalEntropyAccess,
      options: optionsOf(flags),
    }
    await attempt('Error enabling', () => send(client, { method: 'POST', path: `sys/mounts/${path}`, body }))
    out.line(`Success! Enabled the ${name} at: ${path}`)
    return 0
  },
})
