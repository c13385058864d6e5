import { faults, type MfaCredentials } from '../../logical/index.ts'

const wrong = (why: string): Error =>
  faults.refused({ why: `failed to parse X-Vault-MFA header: invalid data in header "X-Vault-MFA"; missing ${why}` })

/** Of the header X-Vault-MFA, which may come several times: `METHOD`, or `METHOD:CODE`. */
export function credentialsIn(values: readonly string[]): MfaCredentials {
  const all = new Map<string, readonly string[]>()
  for (const value of values) {
    const colon = value.indexOf(':')
    const name = colon < 0 ? value : value.slice(0, colon)
    if (name === '') throw wrong('method name or ID')
    const code = colon < 0 ? undefined : value.slice(colon + 1)
    if (code === '') throw wrong('method value')
    all.set(name, [...(all.get(name) ?? []), ...(code === undefined ? [] : [code])])
  }
  return all
}

/** The code among what was shown for one method; '' for none. The message of a refusal is the peer's. */
export function codeIn(shown: readonly string[]): string | { readonly refused: string } {
  let code = ''
  for (const one of shown) {
    if (one === '') continue
    const named = one.startsWith('passcode=')
    if (!named && one.includes('=')) return { refused: 'found an invalid MFA cred' }
    if (code !== '') return { refused: 'found multiple passcodes for the same MFA method' }
    code = named ? one.slice('passcode='.length) : one
    if (code === '') return { refused: 'invalid passcode' }
  }
  return code
}
