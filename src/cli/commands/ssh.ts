import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { lookup } from 'node:dns/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Client } from '../../client/index.ts'
import { attempt, read, write } from '../api/index.ts'
import { type Command, CommandFailed, type Context, defineCommand } from '../command.ts'
import { connect, connectionFlags } from '../connection.ts'
import { flag } from '../flag.ts'
import { expectArgs } from '../input/index.ts'
import { fieldFlags, formatFlags, printerOf, type Printer, type Secret } from '../output/index.ts'
import { destinationOf, type Destination } from './ssh/destination.ts'
import { isThere, run, withFolder } from './ssh/run.ts'

const SSH = 'SSH Options'
const CA = 'CA Mode Options'
const sshFlags = {
  mode: flag.string('How to authenticate: "ca" with a certificate, "otp" with a password that works once.', { group: SSH }),
  mountPoint: flag.string('Where the SSH engine is mounted.', { group: SSH, default: 'ssh/' }),
  noExec: flag.bool('Print the credentials, and do not connect.', { group: SSH }),
  nonInteractive: flag.bool('Give ssh no input.', { group: SSH }),
  role: flag.string('Name of the role.', { group: SSH }),
  strictHostKeyChecking: flag.string('Value of the SSH option "StrictHostKeyChecking".', {
    group: SSH,
    default: 'ask',
    env: 'BAO_SSH_STRICT_HOST_KEY_CHECKING',
  }),
  userKnownHostsFile: flag.string('Value of the SSH option "UserKnownHostsFile".', { group: SSH, env: 'BAO_SSH_USER_KNOWN_HOSTS_FILE' }),
  hostKeyHostnames: flag.string('Names of hosts that the CA of -host-key-mount-point vouches for, with commas.', {
    group: CA,
    default: '*',
    env: 'BAO_SSH_HOST_KEY_HOSTNAMES',
  }),
  hostKeyMountPoint: flag.string('Where the SSH engine is mounted whose CA signs the keys of hosts. Only such hosts are trusted then.', {
    group: CA,
    env: 'BAO_SSH_HOST_KEY_MOUNT_POINT',
  }),
  privateKeyPath: flag.string('Private key to log in with. Without it the usual names in ~/.ssh are looked for.', { group: CA }),
  publicKeyPath: flag.string('Public key to have signed.', { group: CA }),
  sshExecutable: flag.string('The ssh program.', { group: CA, default: 'ssh', env: 'BAO_SSH_EXECUTABLE' }),
  validPrincipals: flag.string('Users that the certificate is to be for, with commas; the user of the login unless said.', { group: CA }),
}

interface Wish {
  readonly flags: Record<'role' | 'userKnownHostsFile' | 'hostKeyMountPoint' | 'validPrincipals' | 'field', string | undefined> &
    Record<'mountPoint' | 'strictHostKeyChecking' | 'hostKeyHostnames' | 'sshExecutable', string> &
    Record<'noExec' | 'nonInteractive', boolean>
  readonly words: readonly string[]
  readonly to: Destination
  readonly user: string
}

const mountOf = (text: string): string => text.replace(/^\/+|\/+$/g, '')
const dataOf = (secret: Secret | undefined): Readonly<Record<string, unknown>> => secret?.data ?? {}
const shown = (out: Printer, field: string | undefined, secret: Secret): number =>
  field === undefined ? out.secret(secret) : out.secretField(secret, field)

interface KeyPaths {
  readonly publicKey: string
  readonly privateKey: string
}
function keyPaths({ home, cwd }: Context, publicPath: string | undefined, privatePath: string | undefined): KeyPaths {
  const expand = (path: string): string =>
    path.startsWith('~/') ? join(home, path.slice(2)) : join(path.startsWith('/') ? '/' : cwd, path)
  let [shownKey, secretKey] = [publicPath && expand(publicPath), privatePath && expand(privatePath)]
  if (!shownKey && !secretKey) {
    const found = ['id_ed25519', 'id_ecdsa', 'id_rsa']
      .map(it => join(home, '.ssh', it))
      .find(it => existsSync(it) && existsSync(`${it}.pub`))
    if (found !== undefined) [shownKey, secretKey] = [`${found}.pub`, found]
  }
  if (!shownKey && secretKey && existsSync(`${secretKey}.pub`)) shownKey = `${secretKey}.pub`
  if (!secretKey && shownKey?.endsWith('.pub') === true && existsSync(shownKey.slice(0, -4))) secretKey = shownKey.slice(0, -4)
  if (!shownKey) throw new CommandFailed('Could not find an SSH public key. Specify with -public-key-path.')
  if (!secretKey) throw new CommandFailed('Could not find an SSH private key. Specify with -private-key-path.')
  return { publicKey: shownKey, privateKey: secretKey }
}

const EXTENSIONS = Object.fromEntries(
  ['X11-forwarding', 'agent-forwarding', 'port-forwarding', 'pty', 'user-rc'].map(it => [`permit-${it}`, '']),
)

async function withCertificate(ctx: Context, out: Printer, client: Client, wish: Wish, keys: KeyPaths): Promise<number> {
  const { flags, words, user } = wish
  const text = await readFile(keys.publicKey, 'utf8').catch((cause: unknown) => {
    throw new CommandFailed(`failed to read public key ${keys.publicKey}: ${(cause as Error).message}`, 1, { cause })
  })
  const secret = await attempt(`failed to sign public key ${keys.publicKey}`, () =>
    write(client, `${mountOf(flags.mountPoint)}/sign/${flags.role ?? ''}`, {
      public_key: text,
      valid_principals: flags.validPrincipals ?? user,
      cert_type: 'user',
      extensions: EXTENSIONS,
    }),
  )
  if (secret === undefined) throw new CommandFailed('missing signed key', 2)
  if (flags.noExec) return shown(out, flags.field, secret)
  const { signed_key: signed } = dataOf(secret)
  if (typeof signed !== 'string' || signed === '') throw new CommandFailed('signed key is empty', 2)
  const authority = flags.hostKeyMountPoint === undefined ? undefined : await hostAuthority(client, flags.hostKeyMountPoint)
  return await withFolder(async keep => {
    const certificate = await keep('key-cert.pub', signed)
    const known =
      authority === undefined
        ? flags.userKnownHostsFile
        : await keep('known_hosts', `@cert-authority ${flags.hostKeyHostnames} ${authority}\n`)
    const checking = authority === undefined ? flags.strictHostKeyChecking : 'yes'
    const args = ['-i', keys.privateKey, '-o', `CertificateFile=${certificate}`, '-o', `StrictHostKeyChecking=${checking}`]
    if (known !== undefined) args.push('-o', `UserKnownHostsFile=${known}`)
    return await run(flags.sshExecutable, [...args, ...words], ctx.env, flags.nonInteractive ? 'ignore' : 'inherit')
  })
}

async function hostAuthority(client: Client, mount: string): Promise<string> {
  const secret = await attempt('failed to get host signing key', () => read(client, `${mountOf(mount)}/config/ca`))
  const { public_key: key } = dataOf(secret)
  if (typeof key !== 'string' || key === '') throw new CommandFailed('missing host signing key', 2)
  return key.trim()
}

async function withPassword(ctx: Context, out: Printer, client: Client, wish: Wish): Promise<number> {
  const { flags, words, user, to } = wish
  const { address } = await lookup(to.host).catch((cause: unknown) => {
    throw new CommandFailed(`failed to resolve IP address of ${to.host}`, 1, { cause })
  })
  const secret = await attempt('failed to generate credential', () =>
    write(client, `${mountOf(flags.mountPoint)}/creds/${flags.role ?? ''}`, { username: user, ip: address }),
  )
  if (secret === undefined) throw new CommandFailed('failed to generate credential: the answer is empty', 2)
  if (flags.noExec) return shown(out, flags.field, secret)
  const { key, port } = dataOf(secret)
  if (typeof key !== 'string' || key === '') throw new CommandFailed('failed to generate credential: the answer has no key', 2)
  const args = ['-o', `StrictHostKeyChecking=${flags.strictHostKeyChecking}`]
  if (flags.userKnownHostsFile !== undefined) args.push('-o', `UserKnownHostsFile=${flags.userKnownHostsFile}`)
  if (to.port === undefined) args.push('-p', String(port))
  const input = flags.nonInteractive ? 'ignore' : 'inherit'
  // By the environment: the process list shows arguments to everybody.
  const types = await isThere('sshpass', ctx.env)
  if (!types) {
    ctx.stderr.write('There is no "sshpass", which would type the password: enter it where ssh asks for one.\n')
    ctx.stdout.write(`OTP for the session is: ${key}\n`)
  }
  const code = types
    ? await run('sshpass', ['-e', flags.sshExecutable, ...args, ...words], { ...ctx.env, SSHPASS: key }, input)
    : await run(flags.sshExecutable, [...args, ...words], ctx.env, input)
  await attempt('failed to revoke key', () => write(client, 'sys/leases/revoke', { lease_id: secret.lease_id }))
  return code
}

export const command: Command = defineCommand({
  usage: 'ssh [options] USERNAME@HOST [SSH OPTIONS]',
  about: `
Log in to a host over SSH, with a certificate that the SSH engine signs for a key
of yours, or with a password that it makes and that works once. The host and all
behind it is for ssh(1); so are its options behind "--", before the host.

    $ {program} ssh -mode=ca -role=admins ann@10.0.0.1
    $ {program} ssh -mode=otp -role=support ann@10.0.0.1

Hosts whose keys a CA of the server signs need no known_hosts file:

    $ {program} ssh -mode=ca -role=admins -host-key-mount-point=host-signer \\
        -host-key-hostnames='*.example.com' ann@db.example.com
`,
  flags: { ...connectionFlags, ...fieldFlags, ...formatFlags, ...sshFlags },
  passesOn: true,
  async run(ctx, { flags, args }) {
    const out = printerOf(ctx, flags)
    const mode = flags.mode?.toLowerCase()
    const keys = mode === 'ca' ? keyPaths(ctx, flags.publicKeyPath, flags.privateKeyPath) : undefined
    expectArgs(args, 1, Number.POSITIVE_INFINITY)
    const to = destinationOf(args)
    if (to === undefined || to.host === '') throw new CommandFailed('Error parsing the ssh command: it names no host')
    if (flags.role === undefined) throw new CommandFailed('No -role specified. Use -role to tell which ssh role to use for authentication.')
    if (mode === undefined)
      throw new CommandFailed('No -mode specified. Use -mode to tell which ssh authentication mode to use: ca or otp.')
    const wish: Wish = { flags, words: args, to, user: to.user ?? userInfo().username }
    if (keys !== undefined) return await withCertificate(ctx, out, await connect(ctx, flags), wish, keys)
    if (mode === 'otp') return await withPassword(ctx, out, await connect(ctx, flags), wish)
    throw new CommandFailed(`Unknown SSH mode: ${flags.mode ?? ''}`)
  },
})
