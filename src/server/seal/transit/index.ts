/**
 * A key of another server's transit engine: ours, OpenBao's or HashiCorp Vault's. The key itself never comes here; what is to be
 * wrapped goes there, over TLS. Must not know what is wrapped.
 */
import { SecretBytes } from '../../../kernel/index.ts'
import { type KeyKeeper, type KeyKeeperKind, SealError, secretText, withVariables, type Wrapped } from '../index.ts'
import { Kms } from './kms.ts'
import { Renewal } from './renewal.ts'
import { readSwitch } from './switch.ts'
import { readTls } from './tls.ts'

export const transitSeal: KeyKeeperKind = {
  type: 'transit',
  doc: 'A key of the transit engine of another server.',
  options: [
    { name: 'address', doc: 'The other server.', variables: ['VAULT_TRANSIT_SEAL_ADDR', 'BAO_ADDR', 'VAULT_ADDR'] },
    {
      name: 'token',
      doc: 'A token that may update <mount_path>/encrypt/<key_name> and <mount_path>/decrypt/<key_name> there; or file://PATH, or env://NAME.',
      variables: ['VAULT_TRANSIT_SEAL_TOKEN', 'BAO_TOKEN', 'VAULT_TOKEN'],
    },
    { name: 'key_name', doc: 'The key.', variables: ['VAULT_TRANSIT_SEAL_KEY_NAME'] },
    { name: 'mount_path', doc: 'Where the transit engine is mounted.', variables: ['VAULT_TRANSIT_SEAL_MOUNT_PATH'] },
    { name: 'namespace', doc: 'The namespace that it is mounted in.', variables: ['BAO_NAMESPACE', 'VAULT_NAMESPACE'] },
    { name: 'disable_renewal', doc: 'Whether somebody else renews the token.', variables: ['VAULT_TRANSIT_SEAL_DISABLE_RENEWAL'] },
    { name: 'key_id_prefix', doc: 'Put before the names of the key’s versions.' },
    { name: 'tls_ca_cert', doc: 'A file with the certificates to trust, in PEM.', variables: ['BAO_CACERT', 'VAULT_CACERT'] },
    { name: 'tls_client_cert', doc: 'A file with a certificate to show.', variables: ['BAO_CLIENT_CERT', 'VAULT_CLIENT_CERT'] },
    { name: 'tls_client_key', doc: 'Its key.', variables: ['BAO_CLIENT_KEY', 'VAULT_CLIENT_KEY'] },
    {
      name: 'tls_server_name',
      doc: 'The name that the certificate has to be for.',
      variables: ['BAO_TLS_SERVER_NAME', 'VAULT_TLS_SERVER_NAME'],
    },
    { name: 'tls_skip_verify', doc: 'Takes any certificate.', variables: ['BAO_SKIP_VERIFY', 'VAULT_SKIP_VERIFY'] },
  ],
  async open(given, ports) {
    const options = withVariables(transitSeal, given, ports.environment)
    const required = (name: 'key_name' | 'mount_path'): string => {
      const value = options[name]
      if (value === undefined) throw new SealError(`${name} is required`)
      return value
    }
    const [mountPath, keyName] = [required('mount_path').replace(/^\/+|\/+$/g, ''), required('key_name')]
    const token = (await secretText(options['token'] ?? '', ports.environment)).trim()
    if (token === '') throw new SealError('token is required')
    const kms = new Kms({
      address: options['address'] ?? 'https://127.0.0.1:8200',
      namespace: options['namespace'] ?? '',
      token,
      tls: await readTls(options),
      clock: ports.clock,
    })
    const renewal = readSwitch(options, 'disable_renewal') ? undefined : new Renewal(kms, ports)
    return new TransitKeeper(kms, renewal, { mountPath, keyName, prefix: options['key_id_prefix'] ?? '' })
  },
}

interface Key {
  readonly mountPath: string
  readonly keyName: string
  readonly prefix: string
}

class TransitKeeper implements KeyKeeper {
  readonly type = 'transit'
  readonly #kms: Kms
  readonly #renewal: Renewal | undefined
  readonly #key: Key

  constructor(kms: Kms, renewal: Renewal | undefined, key: Key) {
    this.#kms = kms
    this.#renewal = renewal
    this.#key = key
  }

  async wrap(key: SecretBytes): Promise<Wrapped> {
    const { mountPath, keyName, prefix } = this.#key
    const data = await this.#kms.write(`${mountPath}/encrypt/${encodeURIComponent(keyName)}`, {
      plaintext: key.reveal().toString('base64'),
    })
    const blob = data['ciphertext']
    const version = typeof blob === 'string' ? /^[^:]+:(v\d+):./.exec(blob)?.[1] : undefined
    if (typeof blob !== 'string' || version === undefined)
      throw new SealError(`${mountPath}/encrypt/${keyName} answered without a ciphertext`)
    this.#renewal?.start()
    return { keyId: prefix + version, blob }
  }

  async unwrap({ blob }: Wrapped): Promise<SecretBytes> {
    const { mountPath, keyName } = this.#key
    const data = await this.#kms.write(`${mountPath}/decrypt/${encodeURIComponent(keyName)}`, { ciphertext: blob })
    const text = data['plaintext']
    if (typeof text !== 'string') throw new SealError(`${mountPath}/decrypt/${keyName} answered without a plaintext`)
    const clear = Buffer.from(text, 'base64')
    const key = SecretBytes.from(clear)
    clear.fill(0)
    this.#renewal?.start()
    return key
  }

  close(): void {
    this.#renewal?.stop()
    this.#kms.close()
  }
}
