import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { isAbsolute, join, resolve } from 'node:path'
import { CommandFailed, type Context } from './command.ts'
import { readEnv } from './parse.ts'

/** Where the token of the last login lives: the field's own file, so that its other tools find it, or a helper program. */
export interface TokenStore {
  /** Undefined when none is stored. */
  get(): Promise<string | undefined>
  set(token: string): Promise<void>
}

const isAbsent = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT'

function expanded(ctx: Context, path: string): string {
  if (path === '~') return ctx.home
  return path.startsWith('~/') ? join(ctx.home, path.slice(2)) : isAbsolute(path) ? path : resolve(ctx.cwd, path)
}

function fileStore(ctx: Context): TokenStore {
  const own = readEnv(ctx.env, 'BAO_TOKEN_PATH')
  const path = own !== undefined && own !== '' ? expanded(ctx, own) : join(ctx.home, '.vault-token')
  return {
    async get() {
      try {
        const token = (await readFile(path, 'utf8')).trim()
        return token === '' ? undefined : token
      } catch (thrown) {
        if (isAbsent(thrown)) return undefined
        throw thrown
      }
    },
    async set(token) {
      // A new file renamed into place: an old one could belong to somebody else, or be readable by all.
      const fresh = `${path}.${ctx.random.uuid()}`
      try {
        await writeFile(fresh, token, { mode: 0o600, flag: 'wx' })
        await rename(fresh, path)
      } catch (thrown) {
        await rm(fresh, { force: true })
        throw thrown
      }
    },
  }
}

/**
 * The field's protocol of a helper: the program is run by the shell with `get` (prints the token), `store` (reads it from
 * stdin) or `erase`. The token never is an argument.
 */
function helperStore(ctx: Context, program: string, address: string): TokenStore {
  const run = async (verb: string, input?: string): Promise<string> => {
    // Few have a helper, and loading this costs every command 5 ms.
    const { spawn } = await import('node:child_process')
    return await new Promise((done, fail) => {
      const shell = ctx.env['SHELL'] ?? '/bin/sh'
      const child = spawn(shell, ['-c', `${program} ${verb}`], { env: { ...ctx.env, BAO_ADDR: address, VAULT_ADDR: address } })
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
      child.on('error', fail)
      child.on('close', code => {
        if (code === 0) done(Buffer.concat(out).toString('utf8'))
        else fail(new Error(`the token helper ${program} failed to ${verb}: ${Buffer.concat(err).toString('utf8').trim()}`))
      })
      // A helper that does not read its input is its own affair.
      child.stdin.on('error', () => undefined)
      child.stdin.end(input ?? '')
    })
  }
  return {
    async get() {
      const token = await run('get')
      return token === '' ? undefined : token
    },
    async set(token) {
      await run('store', token)
    },
  }
}

const LINE = /^\s*token_helper\s*=\s*"((?:[^"\\]|\\.)*)"\s*$/

/** The CLI's own configuration knows one key; HCL or JSON. */
function helperOf(path: string, text: string): string | undefined {
  const wrong = (why: string): CommandFailed => new CommandFailed(`${path}: ${why}; the one setting is token_helper = "PROGRAM"`, 2)
  if (text.trimStart().startsWith('{')) {
    try {
      const { token_helper: helper, ...rest } = JSON.parse(text) as Readonly<Record<string, unknown>>
      if (Object.keys(rest).length > 0) throw wrong(`unknown key "${Object.keys(rest)[0]}"`)
      if (helper !== undefined && typeof helper !== 'string') throw wrong('token_helper is not a string')
      return helper
    } catch (cause) {
      throw cause instanceof CommandFailed ? cause : wrong('not readable as JSON')
    }
  }
  let helper: string | undefined
  for (const [i, line] of text
    .replace(/\/\*[^]*?\*\//g, '')
    .split('\n')
    .entries()) {
    const code = line.replace(/^\s*(#|\/\/).*$/, '').trim()
    if (code === '') continue
    const match = LINE.exec(code.replace(/\s+(#|\/\/).*$/, ''))
    if (match === null) throw wrong(`line ${i + 1} is not understood`)
    helper = JSON.parse(`"${match[1]}"`) as string
  }
  return helper
}

/** @throws CommandFailed when the CLI's configuration cannot be read */
export async function tokenStore(ctx: Context, address: string): Promise<TokenStore> {
  const path = expanded(ctx, readEnv(ctx.env, 'BAO_CONFIG_PATH') || '~/.bao')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (thrown) {
    if (isAbsent(thrown)) return fileStore(ctx)
    throw new CommandFailed(`cannot read ${path}`, 2, { cause: thrown })
  }
  const helper = helperOf(path, text)
  return helper === undefined || helper === '' ? fileStore(ctx) : helperStore(ctx, expanded(ctx, helper), address)
}

/** The token that requests go out with: the environment's, else the stored one. */
export async function currentToken(ctx: Context, address: string): Promise<string | undefined> {
  const given = readEnv(ctx.env, 'BAO_TOKEN') ?? ''
  if (given !== '') return given
  const store = await tokenStore(ctx, address)
  try {
    return await store.get()
  } catch (cause) {
    if (cause instanceof CommandFailed) throw cause
    throw new CommandFailed(`cannot read the stored token: ${(cause as Error).message}`, 2, { cause })
  }
}
