/** In what forms a secret might lie somewhere, and where in some bytes one of them does. */

export interface Secret {
  /** What it is, for the complaint: the secret itself is not printed. */
  readonly name: string
  readonly bytes: Buffer
}

export const secret = (name: string, text: string): Secret => ({ name, bytes: Buffer.from(text) })

/** A key that is told in text: the text, and what it stands for. */
export const keySecret = (name: string, text: string, encoding: 'hex' | 'base64' | 'base64url'): readonly Secret[] => [
  secret(name, text),
  { name: `${name}, decoded`, bytes: Buffer.from(text, encoding) },
]

interface Form {
  readonly secret: string
  readonly form: string
  readonly bytes: Buffer
}

export function formsOf({ name, bytes }: Secret): readonly Form[] {
  const text = bytes.toString('latin1')
  const wide = Buffer.from(text, 'utf16le')
  const hex = bytes.toString('hex')
  return [
    { form: 'raw', bytes },
    { form: 'utf-16le', bytes: wide },
    { form: 'utf-16be', bytes: Buffer.from(wide).swap16() },
    { form: 'hex', bytes: Buffer.from(hex) },
    { form: 'HEX', bytes: Buffer.from(hex.toUpperCase()) },
    { form: 'utf-16le of hex', bytes: Buffer.from(hex, 'utf16le') },
    ...(['base64', 'base64url'] as const).flatMap(encoding => base64s(bytes, encoding)),
  ].map(it => ({ secret: name, ...it }))
}

/** Base64 of a text that the secret is somewhere in: three ways to lie over the groups, without the characters that depend on what is around. */
function base64s(bytes: Buffer, encoding: 'base64' | 'base64url'): { readonly form: string; readonly bytes: Buffer }[] {
  return [0, 1, 2].map(before => {
    const text = Buffer.concat([Buffer.alloc(before), bytes])
      .toString(encoding)
      .replace(/=+$/, '')
    const from = before === 0 ? 0 : before + 1
    const whole = Math.floor(((before + bytes.length) * 8) / 6)
    return { form: `${encoding} at ${before}`, bytes: Buffer.from(text.slice(from, whole)) }
  })
}

/** One line a form that is there. */
export function findings(where: string, bytes: Uint8Array, secrets: readonly Secret[]): readonly string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return secrets
    .flatMap(formsOf)
    .filter(form => buffer.includes(form.bytes))
    .map(({ secret, form }) => `${where} holds ${secret} (${form})`)
}
