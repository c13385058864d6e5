import { attempt, mountPath, send, trimPath } from '../../api/index.ts'
import { type Command, defineCommand } from '../../command.ts'
import { connect, connectionFlags } from '../../connection.ts'
import { flag } from '../../flag.ts'
import { expectArgs } from '../../input/index.ts'
import { printerOf } from '../../output/index.ts'
import { settingFlags, tuneBody, tuneTtl } from '../mount/settings.ts'

export const command: Command = defineCommand({
  usage: 'auth tune [options] PATH',
  about: `
Change settings of an auth method that is mounted. What is not given stays as it
is; a span of "system" goes back to the server's own.

    $ {program} auth tune -max-lease-ttl=12h staff/
`,
  flags: {
    ...connectionFlags,
    ...settingFlags,
    tokenType: flag.string('The type of tokens it gives, whatever its roles say.'),
    userLockoutThreshold: flag.int('After how many failed logins a user is locked out.'),
    userLockoutDuration: flag.duration('For how long.'),
    userLockoutCounterResetDuration: flag.duration('After how long without a failed login the count starts anew.'),
    userLockoutDisable: flag.bool('Lock nobody out.'),
  },
  async run(ctx, { flags, args, set }) {
    const out = printerOf(ctx, {})
    expectArgs(args, 1)
    const client = await connect(ctx, flags)
    const lockout = {
      ...(flags.userLockoutThreshold === undefined ? {} : { lockout_threshold: String(flags.userLockoutThreshold) }),
      ...(flags.userLockoutDuration === undefined ? {} : { lockout_duration: tuneTtl(flags.userLockoutDuration) }),
      ...(flags.userLockoutCounterResetDuration === undefined
        ? {}
        : { lockout_counter_reset_duration: tuneTtl(flags.userLockoutCounterResetDuration) }),
      ...(set.has('userLockoutDisable') ? { lockout_disable: flags.userLockoutDisable } : {}),
    }
    const body = tuneBody(flags, set, { tokenType: flags.tokenType, lockout })
    const path = mountPath(trimPath(args[0] as string))
    await attempt(`Error tuning auth method ${path}`, () => send(client, { method: 'POST', path: `sys/mounts/auth/${path}tune`, body }))
    out.line(`Success! Tuned the auth method at: ${path}`)
    return 0
  },
})
