/**
 * The pages that a browser sees when it comes back from the provider. Their texts stand here, but for what this server knows itself
 * (a role, an address, a state), escaped: nothing that came with the browser's request is ever written into one.
 */
import { stringifyJson } from '../../../kernel/index.ts'

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escaped = (text: string): string => text.replace(/[&<>"']/g, it => ESCAPES[it] ?? it)

const STYLE = 'body{font:16px system-ui,sans-serif;margin:15vh auto;max-width:36em;padding:0 1em}button{font:inherit;padding:.4em 1.2em}'

/** `script`: what may run on it besides nothing. */
function page(title: string, body: string, script = ''): Uint8Array {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; form-action 'self'${script === '' ? '' : "; script-src 'unsafe-inline'"}`
  return Buffer.from(
    `<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="${policy}">\n` +
      `<meta name="referrer" content="no-referrer">\n<title>${escaped(title)}</title>\n<style>${STYLE}</style>\n</head>\n<body>\n` +
      `<h1>${escaped(title)}</h1>\n${body}\n${script === '' ? '' : `<script>${script}</script>\n`}</body>\n</html>\n`,
  )
}

export const succeeded = (): Uint8Array => page('You are logged in', '<p>Close this page and go back to where you began.</p>')

export const failed = (why: string): Uint8Array => page('The login failed', `<p>${escaped(why)}</p>`)

/** RFC 8628, section 5.4: whoever sent a link may not be who is to be logged in. */
export const confirm = (state: string, roleName: string, address: string): Uint8Array =>
  page(
    'Confirm the login',
    `<p>Somebody at the address <b>${escaped(address)}</b> wants to log in as the role <b>${escaped(roleName)}</b>, by your account.</p>\n` +
      '<p>Go on only if that is you. If you got here by a link that somebody sent you, close this page.</p>\n' +
      `<form method="get"><input type="hidden" name="state" value="${escaped(state)}">` +
      '<input type="hidden" name="confirmation" value="yes"><button>Log in</button></form>',
  )

/** For a user interface that waits in the window which opened this one. */
export const posted = (mount: string, code: string, state: string): Uint8Array =>
  page(
    'Logging in',
    '<p>This page closes by itself.</p>',
    `window.opener.postMessage(${stringifyJson({ source: 'oidc-callback', path: mount, code, state })}, window.origin)`,
  )
