/**
 * A key of AES-256 that stands in the configuration, in a file, or in the environment: whoever can start the server can unseal it.
 * The key before may stand beside it, so that it can be changed at a restart. Must not know what is wrapped.
 */
import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { SecretBytes, type Random } from '../../../kernel/index.ts'
import { type KeyKeeper, type KeyKeeperKind, SealError, secretText, withVariables, type Wrapped } from '../index.ts'
import { parseKey } from './key.ts'

const BIND = Buffer.from('lockstep seal static')

export const staticSeal: KeyKeeperKind = {
  type: 'static',
  doc: 'A key that is given to the server when it starts.',
  options: [
    {
      name: 'current_key',
      doc: '32 bytes: raw, hexadecimal or base64; or file://PATH, or env://NAME.',
      variables: ['BAO_STATIC_SEAL_CURRENT_KEY'],
    },
    { name: 'current_key_id', doc: 'A name of that key, for good.', variables: ['BAO_STATIC_SEAL_CURRENT_KEY_ID'] },
    {
      name: 'previous_key',
      doc: 'The key before, to be replaced: what lies under it is put under the current one.',
      variables: ['BAO_STATIC_SEAL_PREVIOUS_KEY'],
    },
    { name: 'previous_key_id', doc: 'The name of the key before.', variables: ['BAO_STATIC_SEAL_PREVIOUS_KEY_ID'] },
  ],
  async open(given, { environment, random }) {
    const options = withVariables(staticSeal, given, environment)
    const {
      current_key: current = '',
      current_key_id: currentId = '',
      previous_key: previous = '',
      previous_key_id: previousId = '',
    } = options
    if (currentId === '') refuse('got empty current_key_id; please specify a permanent identifier for this key')
    if (current === '') refuse('missing required current key')
    if (previousId !== '' && previous === '')
      refuse('got non-empty previous_key_id with empty previous_key; please specify the previous key or remove previous_key_id')
    if (previousId === '' && previous !== '')
      refuse('got empty previous_key_id with non-empty previous_key; please specify the matching key identifier')
    const keys = new Map<string, KeyObject>()
    const key = createSecretKey(parseKey(await secretText(current, environment)))
    keys.set(currentId, key)
    if (previous !== '') {
      const before = createSecretKey(parseKey(await secretText(previous, environment)))
      if (previousId === currentId && !before.equals(key)) refuse('current and previous key material differs with same key identifiers')
      keys.set(previousId, before)
    }
    return new StaticKeeper(keys, currentId, random)
  },
}

function refuse(why: string): never {
  throw new SealError(why)
}

class StaticKeeper implements KeyKeeper {
  readonly type = 'static'
  readonly #keys: Map<string, KeyObject>
  readonly #current: string
  readonly #random: Random

  constructor(keys: Map<string, KeyObject>, current: string, random: Random) {
    this.#keys = keys
    this.#current = current
    this.#random = random
  }

  async wrap(key: SecretBytes): Promise<Wrapped> {
    const nonce = this.#random.bytes(12)
    const cipher = createCipheriv('aes-256-gcm', this.#key(this.#current), nonce)
    cipher.setAAD(BIND)
    const blob = Buffer.concat([nonce, cipher.update(key.reveal()), cipher.final(), cipher.getAuthTag()]).toString('base64')
    return { keyId: this.#current, blob }
  }

  async unwrap({ keyId, blob }: Wrapped): Promise<SecretBytes> {
    const bytes = Buffer.from(blob, 'base64')
    const key = this.#key(keyId)
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(BIND)
      decipher.setAuthTag(bytes.subarray(-16))
      const clear = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])
      const secret = SecretBytes.from(clear)
      clear.fill(0)
      return secret
    } catch (cause) {
      throw new SealError(`key \`${keyId}\` does not open it: cipher: message authentication failed`, { cause })
    }
  }

  close(): void {
    this.#keys.clear()
  }

  #key(id: string): KeyObject {
    const key = this.#keys.get(id)
    if (key === undefined) throw new SealError(`unknown key id for data: \`${id}\``)
    return key
  }
}
