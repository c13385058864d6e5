import { readFileSync } from 'node:fs'
import { del, get, post, put, scenario, type Area } from './harness/scenario.ts'

const none = { token: 'none' } as const
const root = { token: 'rootToken' } as const
const { keeper, signer } = JSON.parse(readFileSync(new URL('../vectors/openpgp/public-keys.json', import.meta.url), 'utf8')) as {
  readonly keeper: { readonly key: string; readonly fingerprint: string }
  readonly signer: { readonly key: string }
}
const { key, fingerprint } = keeper
/** Messages: no two of them are alike. */
const messages = {
  except: [
    'keys',
    'keys_base64',
    'data.keys',
    'data.keys_base64',
    'encoded_token',
    'encoded_root_token',
    'data.encoded_token',
    'otp_length',
    'data.otp_length',
  ],
} as const
const backups = (['rekey/backup', 'rotate/root/backup'] as const).map(path =>
  get(`sys/${path}`, {
    ...root,
    except: [`keys.${fingerprint}`, `keys_base64.${fingerprint}`, `data.keys.${fingerprint}`, `data.keys_base64.${fingerprint}`],
  }),
)

/** Shares and tokens that leave encrypted; what is in the messages, GnuPG reads elsewhere. */
export const pgp: Area = {
  name: 'PGP keys',
  server: 'inmem',
  config: { listener: 'disable_unauthed_rekey_endpoints = false\ndisable_unauthed_generate_root_endpoints = false\n' },
  scenarios: [
    scenario(
      'init',
      put('sys/init', { secret_shares: 2, secret_threshold: 2, pgp_keys: [key] }, none),
      put('sys/init', { secret_shares: 1, secret_threshold: 1, pgp_keys: ['x'] }, none),
      put('sys/init', { secret_shares: 1, secret_threshold: 1, pgp_keys: ['aGVsbG8='] }, none),
      get('sys/init', none),
      put(
        'sys/init',
        { secret_shares: 1, secret_threshold: 1 },
        { ...none, ...messages, save: { rootToken: 'root_token', one: 'keys.0' } },
      ),
      put('sys/unseal', { key: '<one>' }, none),
      get('sys/health', { ...none, until: { status: 200 } }),
    ),
    scenario(
      'rekey',
      post('sys/rekey/init', { secret_shares: 2, secret_threshold: 2, pgp_keys: [key], backup: true }, none),
      post('sys/rekey/init', { secret_shares: 1, secret_threshold: 1, pgp_keys: ['aGVsbG8='] }, none),
      post('sys/rekey/init', { secret_shares: 1, secret_threshold: 1, backup: true }, none),
      post(
        'sys/rekey/init',
        { secret_shares: 2, secret_threshold: 2, pgp_keys: [key, key], backup: true, require_verification: true },
        { ...none, save: { nonce: 'nonce' } },
      ),
      get('sys/rekey/init', none),
      post('sys/rekey/update', { key: '<one>', nonce: '<nonce>' }, { ...none, ...messages }),
      ...backups,
      del('sys/rekey/init', none),
      ...backups,
      del('sys/rekey/backup', root),
      get('sys/rekey/backup', root),
    ),
    scenario(
      'rotate/root',
      post('sys/rotate/root/init', { secret_shares: 2, secret_threshold: 2, pgp_keys: [key] }, root),
      post('sys/rotate/root/init', { secret_shares: 1, secret_threshold: 1, pgp_keys: ['x'] }, root),
      post(
        'sys/rotate/root/init',
        { secret_shares: 1, secret_threshold: 1, pgp_keys: [key], backup: true, require_verification: true },
        { ...root, save: { nonce: 'data.nonce' } },
      ),
      get('sys/rotate/root/init', root),
      post('sys/rotate/root/update', { key: '<one>', nonce: '<nonce>' }, { ...root, ...messages }),
      ...backups,
      del('sys/rotate/root/init', root),
      del('sys/rotate/root/backup', root),
      get('sys/rotate/root/backup', root),
    ),
    scenario(
      'generate-root',
      post('sys/generate-root/attempt', { pgp_key: signer.key.slice(0, -4) }, { ...none, except: ['errors'] }),
      post('sys/generate-root/attempt', { pgp_key: key }, { ...none, ...messages, save: { nonce: 'nonce' } }),
      get('sys/generate-root/attempt', { ...none, ...messages }),
      post('sys/generate-root/update', { key: '<one>', nonce: '<nonce>' }, { ...none, ...messages }),
      post('sys/generate-root-token/attempt', { pgp_key: key }, { ...root, ...messages, save: { nonce: 'data.nonce' } }),
      get('sys/generate-root-token/attempt', { ...root, ...messages }),
      post('sys/generate-root-token/update', { key: '<one>', nonce: '<nonce>' }, { ...root, ...messages }),
    ),
  ],
}
