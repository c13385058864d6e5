import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CommandFailed, type Context } from '../../command.ts'

const ARMOURED = /-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+: [^\r\n]*\r?\n)*\r?\n([^]*?)\r?\n=[A-Za-z0-9+/]{4}\r?\n-----END/
const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/

/**
 * A public key as the API takes it: base64 of its binary form. The file may hold that, the binary itself, or an armoured
 * block (RFC 4880 section 6.2).
 * @throws CommandFailed
 */
async function keyOf(ctx: Context, name: string): Promise<string> {
  if (name.startsWith('keybase:'))
    throw new CommandFailed(`${name}: keys are not fetched from Keybase; save the key to a file and name that`)
  const path = name.startsWith('@') ? name.slice(1) : name
  const bytes = await readFile(resolve(ctx.cwd, path)).catch((cause: NodeJS.ErrnoException) => {
    throw new CommandFailed(`cannot read the PGP key ${path}: ${cause.message}`, 1, { cause })
  })
  const text = bytes.toString('latin1')
  const armoured = ARMOURED.exec(text)?.[1]
  if (armoured !== undefined) return armoured.replace(/\s/g, '')
  return BASE64.test(text) ? text.replace(/\s/g, '') : bytes.toString('base64')
}

/** Keys from a list of files, separated by commas. */
export async function pgpKeys(ctx: Context, list: string | undefined): Promise<readonly string[] | null> {
  const names = (list ?? '')
    .split(',')
    .map(it => it.trim())
    .filter(it => it !== '')
  return names.length === 0 ? null : await Promise.all(names.map(name => keyOf(ctx, name)))
}
