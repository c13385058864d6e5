/** Logins through the browser: the provider sends it to a listener here, or to the server, or, with a device code, nowhere. */
import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { read, RequestFailed, write } from '../../api/index.ts'
import { CommandFailed, type Context } from '../../command.ts'
import { goText, type Secret } from '../../output/index.ts'
import type { Attempt, Config, LoginMethod } from './methods.ts'

const LONGEST_MS = 120_000
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const MODES = ['client', 'direct', 'device']

const wrong = (why: string): CommandFailed => new CommandFailed(`Error authenticating: ${why}`, 2)

/** What only this client knows, so that nobody else can fetch the token. */
function clientNonce({ random }: Context): string {
  let text = ''
  while (text.length < 20) for (const byte of random.bytes(28)) if (byte < 248 && text.length < 20) text += BASE62[byte % 62]
  return text
}

function flagOf(config: Config, name: string): boolean {
  const value = config[name] ?? 'false'
  if (/^(1|t|T|true|TRUE|True)$/.test(value)) return true
  if (/^(0|f|F|false|FALSE|False)$/.test(value)) return false
  throw wrong(`"${name}" must be true or false`)
}

function redirectUri({ client, config, mount }: Attempt, mode: string): string {
  const direct = mode === 'direct' ? new URL(client.address) : undefined
  const method = config['callbackmethod'] ?? direct?.protocol.replace(':', '') ?? 'http'
  const host = config['callbackhost'] ?? direct?.hostname ?? 'localhost'
  const port = config['callbackport'] ?? (direct === undefined ? (config['port'] ?? '8250') : `${direct.port}/v1/auth/${mount}`)
  return `${method}://${host}:${port}/oidc/callback`
}

/** The program that opens an address, of each system. The address comes from the server, so only one of HTTP is opened. */
function openBrowser(url: string): Promise<boolean> {
  if (!/^https?:\/\//.test(url)) return Promise.resolve(false)
  const [program = '', ...args] = { darwin: ['open'], win32: ['rundll32', 'url.dll,FileProtocolHandler'] }[process.platform as string] ?? [
    'xdg-open',
  ]
  return new Promise(done => {
    const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
    child.once('error', () => done(false))
    child.once('spawn', () => {
      child.unref()
      done(true)
    })
  })
}

const page = (title: string, text: string): string =>
  `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'"><title>${title}</title></head>\n<body><h1>${title}</h1><p>${text}</p></body></html>\n`

async function wordsOf(request: IncomingMessage): Promise<URLSearchParams> {
  const words = new URL(request.url ?? '/', 'http://localhost').searchParams
  if (request.method !== 'POST') return words
  let text = ''
  for await (const chunk of request as AsyncIterable<Buffer>) {
    text += chunk.toString()
    if (text.length > 1_000_000) break
  }
  return new URLSearchParams(text)
}

/** What the browser brings back, handed on to the server, which ends the login. */
async function answered({ client, mount }: Attempt, request: IncomingMessage, nonce: string): Promise<Secret | undefined> {
  const words = await wordsOf(request)
  const data = { state: words.get('state') ?? '', code: words.get('code') ?? '', client_nonce: nonce }
  const path = `auth/${mount}/oidc/callback`
  // With form_post the server is given what was posted first, and then asked as ever.
  if (request.method === 'POST') await client.send({ method: 'POST', path, body: { ...data, id_token: words.get('id_token') ?? '' } })
  const error = words.get('error')
  return await read(client, path, { ...data, ...(error !== null && { error }) })
}

/** Listens for the browser until it comes back. */
function listening(it: Attempt, nonce: string): { readonly server: Server; readonly result: Promise<Secret | undefined> } {
  const server = createServer()
  const result = new Promise<Secret | undefined>((done, fail) => {
    server.on('error', fail)
    it.ctx.signal.addEventListener('abort', () => fail(wrong('interrupted')), { once: true })
    it.ctx.clock.after(LONGEST_MS, () => fail(wrong('timed out waiting for response from provider')))
    server.on('request', (request, response) => {
      if (!(request.url ?? '').startsWith('/oidc/callback')) return void response.writeHead(404).end()
      const show = (status: number, title: string, text: string): void =>
        void response.writeHead(status, { 'content-type': 'text/html', connection: 'close' }).end(page(title, text))
      const end = async (): Promise<void> => {
        try {
          const secret = await answered(it, request, nonce)
          show(200, 'You are logged in', 'Close this page and go back to the terminal.')
          done(secret)
        } catch (cause) {
          show(400, 'The login failed', 'The terminal says why.')
          fail(cause)
        }
      }
      void end()
    })
  })
  return { server, result }
}

async function polled({ ctx, client, mount }: Attempt, data: object, seconds: number): Promise<Secret | undefined> {
  for (let wait = seconds; ;) {
    await ctx.sleep(wait * 1000)
    if (ctx.signal.aborted) throw wrong('interrupted')
    try {
      return await write(client, `auth/${mount}/oidc/poll`, data)
    } catch (cause) {
      if (!(cause instanceof RequestFailed)) throw cause
      if (cause.message.includes('slow_down')) wait *= 2
      else if (!cause.message.includes('authorization_pending')) throw cause
    }
  }
}

async function login(it: Attempt): Promise<Secret | undefined> {
  const { ctx, client, mount, config } = it
  const mode = config['callbackmode'] || 'client'
  if (!MODES.includes(mode)) throw wrong(`"callbackmode" must be one of ${MODES.join(', ')}`)
  const [skipBrowser, abortOnError] = [flagOf(config, 'skip_browser'), flagOf(config, 'abort_on_error')]
  const nonce = clientNonce(ctx)
  const uri = redirectUri(it, mode)
  const role = config['role'] ?? ''
  const data = (await write(client, `auth/${mount}/oidc/auth_url`, { role, redirect_uri: uri, client_nonce: nonce }))?.data ?? {}
  const url = goText(data['auth_url'] ?? '')
  if (url === '') throw wrong(`the server does not let role "${role}" log in with redirect_uri "${uri}"; its log says why`)
  const state = data['state'] === undefined ? '' : goText(data['state'])
  if ((mode === 'client') !== (state === '')) throw wrong(`the role has another callback mode than "${mode}"`)
  const listener = mode === 'client' ? listening(it, nonce) : undefined
  // Nobody waits for it yet.
  listener?.result.catch(() => undefined)
  try {
    if (listener !== undefined) {
      const { port = '8250', listenaddress = 'localhost' } = config
      const up = new Promise<void>(done => listener.server.listen(Number(port), listenaddress, done))
      await Promise.race([up, listener.result])
    }
    ctx.stderr.write(`Complete the login via your OIDC provider, in a browser at:\n\n    ${url}\n\n`)
    if (!skipBrowser && !(await openBrowser(url))) {
      if (abortOnError) throw wrong('the browser could not be opened')
      ctx.stderr.write('The browser could not be opened: visit the address yourself.\n')
    }
    if (data['user_code'] !== undefined) ctx.stderr.write(`When prompted, enter the code ${goText(data['user_code'])}\n`)
    ctx.stderr.write('Waiting for the login to complete...\n')
    if (listener !== undefined) return await listener.result
    return await polled(it, { state, client_nonce: nonce }, Number(goText(data['poll_interval'] ?? '5')) || 5)
  } finally {
    listener?.server.close()
    listener?.server.closeAllConnections()
  }
}

export const oidc: LoginMethod = {
  doc: 'the browser, by an OpenID provider',
  help: `
Usage: {program} login -method=oidc [CONFIG K=V...]

  Log in through the browser, which is opened at the provider.

      $ {program} login -method=oidc role=engineering

Configuration:

  role=<string>
      The role to log in as; the default role of the mount without it.

  callbackmode=<string>
      Who takes the browser back: "client", this program (the default), "direct",
      the server, or "device", nobody: a code is typed on any machine.

  listenaddress=<string>
      Where this program listens for the browser. The default is localhost.

  port=<string>
      The port that it listens on. The default is 8250.

  callbackmethod=<string>, callbackhost=<string>, callbackport=<string>
      What the redirect URI says instead: for ports that are forwarded. The
      defaults are http, localhost and the port; in direct mode, the server's.

  skip_browser=<bool>
      Whether the browser is not opened, but its address only shown.

  abort_on_error=<bool>
      Whether a browser that cannot be opened ends the login.
`,
  login,
}
