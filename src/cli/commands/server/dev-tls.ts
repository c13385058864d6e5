import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { developmentCertificates } from '../../../server/index.ts'
import { CommandFailed, type Context } from '../../command.ts'
import type { Undo } from './serve.ts'

export interface DevTls {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

/**
 * Certificates for a development server, in a folder that is asked for or one of its own, and gone when the server ends. The
 * names are those of this machine, and the host that it is to listen on.
 * @throws CommandFailed
 */
export async function makeDevTls(ctx: Context, folder: string | undefined, listenAddress: string, undo: Undo): Promise<DevTls> {
  const host = listenAddress.replace(/:[^:\]]*$/, '').replace(/^\[|\]$/g, '')
  const names = [...new Set(['localhost', 'localhost4', 'localhost6', 'localhost.localdomain', hostname(), '127.0.0.1', '::1', host])]
  const made = await developmentCertificates(
    names.filter(it => it !== '' && it !== '0.0.0.0' && it !== '::'),
    ctx,
  )
  try {
    const home = await homeFor(folder, undo)
    const file = async (name: string, text: string, mode: number): Promise<string> => {
      const path = join(home, name)
      // What an earlier server left behind may be read-only.
      await rm(path, { force: true })
      undo.add(() => rm(path, { force: true }))
      await writeFile(path, text, { mode, flag: 'wx' })
      return path
    }
    return {
      caFile: await file('vault-ca.pem', made.ca, 0o444),
      certFile: await file('vault-cert.pem', made.cert, 0o400),
      keyFile: await file('vault-key.pem', made.key, 0o400),
    }
  } catch (cause) {
    throw new CommandFailed(`cannot write the certificates of -dev-tls: ${(cause as Error).message}`, 1, { cause })
  }
}

async function homeFor(folder: string | undefined, undo: Undo): Promise<string> {
  if (folder !== undefined && folder !== '') {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    return folder
  }
  const home = await mkdtemp(join(tmpdir(), 'lockstep-tls-'))
  undo.add(() => rm(home, { recursive: true, force: true }))
  return home
}
