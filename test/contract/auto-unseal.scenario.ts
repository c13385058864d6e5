import { del, get, post, put, scenario, type Area, type Scenario, type Step } from './harness/scenario.ts'

const none = { token: 'none' } as const
const root = { token: 'rootToken' } as const
/** A share of the right length, of no set: no other is at this point, so that the two never are taken for one. */
const WRONG = `${'ab'.repeat(32)}00`
/** Our tokens are longer, so their pads are too. */
const pad = {
  except: ['otp', 'otp_length', 'data.otp', 'data.otp_length', 'encoded_token', 'encoded_root_token', 'data.encoded_token'],
} as const

const config = {
  file: `seal "static" {\n  current_key = "${'07'.repeat(32)}"\n  current_key_id = "k1"\n}\n`,
  listener: 'disable_unauthed_rekey_endpoints = false\ndisable_unauthed_generate_root_endpoints = false\n',
} as const

const begin: Scenario = scenario(
  'init',
  get('sys/seal-status', none),
  get('sys/health', none),
  get('sys/init', none),
  put('sys/init', { secret_shares: 5, secret_threshold: 3 }, none),
  put('sys/init', { secret_shares: 5, secret_threshold: 3, recovery_shares: 3, recovery_threshold: 2 }, none),
  put('sys/init', { pgp_keys: ['x'], recovery_shares: 3, recovery_threshold: 2 }, none),
  put('sys/init', { recovery_shares: 3, recovery_threshold: 4 }, none),
  put('sys/init', { recovery_shares: 3, recovery_threshold: 1 }, none),
  put('sys/init', { recovery_shares: 256, recovery_threshold: 2 }, none),
  put('sys/init', { recovery_shares: 3 }, none),
  put('sys/init', { recovery_shares: -1 }, none),
  put('sys/init', { recovery_shares: 1, recovery_threshold: 1, recovery_pgp_keys: ['x', 'y'] }, none),
  get('sys/init', none),
)

const initialised: Scenario = scenario(
  'it unseals by itself',
  put(
    'sys/init',
    { recovery_shares: 3, recovery_threshold: 2 },
    { ...none, save: { rootToken: 'root_token', one: 'recovery_keys.0', two: 'recovery_keys.1', three: 'recovery_keys_base64.2' } },
  ),
  get('sys/health', { ...none, until: { status: 200 } }),
  put('sys/init', { recovery_shares: 3, recovery_threshold: 2 }, none),
  get('sys/seal-status', none),
  get('sys/key-status', { ...root, except: ['encryptions', 'data.encryptions'] }),
  put('sys/unseal', { key: '<one>' }, none),
  put('sys/unseal', {}, none),
  put('sys/unseal', { reset: true }, none),
)

/** Another root key: a quorum asks for it, and nobody is given shares. */
const rootKey: Scenario = scenario(
  'rekey and rotate/root',
  get('sys/rekey/init', none),
  get('sys/rekey/verify', none),
  post('sys/rekey/init', { pgp_keys: ['x'], backup: true }, none),
  post('sys/rekey/init', { require_verification: true }, none),
  post('sys/rekey/init', { backup: true }, none),
  post('sys/rekey/init', { secret_shares: 3, secret_threshold: 2 }, { ...none, save: { nonce: 'nonce' } }),
  post('sys/rekey/init', {}, none),
  get('sys/rekey/init', none),
  post('sys/rekey/update', { key: '<one>', nonce: 'x' }, none),
  post('sys/rekey/update', { key: '<one>', nonce: '<nonce>' }, none),
  post('sys/rekey/update', { key: WRONG, nonce: '<nonce>' }, none),
  get('sys/rekey/init', none),
  post('sys/rekey/update', { key: '<one>', nonce: '<nonce>' }, none),
  post('sys/rekey/update', { key: '<two>', nonce: '<nonce>' }, none),
  get('sys/rekey/init', none),
  get('sys/rotate/root/init', root),
  post('sys/rotate/root/init', { require_verification: true }, root),
  post('sys/rotate/root/init', { backup: true }, root),
  post('sys/rotate/root/init', { pgp_keys: ['x'] }, root),
  post('sys/rotate/root/init', { secret_shares: 3, secret_threshold: 2 }, { ...root, save: { nonce: 'data.nonce' } }),
  post('sys/rotate/root/init', { secret_shares: 1, secret_threshold: 1 }, root),
  get('sys/rotate/root/init', root),
  post('sys/rotate/root/update', { key: WRONG, nonce: '<nonce>' }, root),
  post('sys/rotate/root/update', { key: '<two>', nonce: '<nonce>' }, root),
  post('sys/rotate/root/update', { key: '<three>', nonce: '<nonce>' }, root),
  post('sys/rotate/root/update', { key: '<two>', nonce: '<nonce>' }, root),
  post('sys/rotate/root/update', { key: '<three>', nonce: '<nonce>' }, root),
  del('sys/rotate/root/init', root),
  post('sys/rotate/root', undefined, root),
  get('auth/token/lookup-self', root),
)

interface Paths {
  readonly name: string
  readonly path: string
  readonly at: string
  readonly as: { readonly token: string }
}
const old: Paths = { name: 'rekey-recovery-key', path: 'sys/rekey-recovery-key', at: '', as: none }
const current: Paths = { name: 'rotate/recovery', path: 'sys/rotate/recovery', at: 'data.', as: root }

const recovery = ({ name, path, at, as }: Paths): readonly Scenario[] => {
  const give = (key: string, more: Partial<Step> = {}): Step => post(`${path}/update`, { key, nonce: '<nonce>' }, { ...as, ...more })
  const giveBack = (key: string, more: Partial<Step> = {}): Step => post(`${path}/verify`, { key, nonce: '<back>' }, { ...as, ...more })
  const shares = { one: `${at}keys.0`, two: `${at}keys.1`, three: `${at}keys_base64.2` }
  return [
    scenario(
      `${name}: what is refused`,
      get(`${path}/init`, as),
      get(`${path}/verify`, as),
      del(`${path}/verify`, as),
      post(`${path}/init`, {}, as),
      post(`${path}/init`, { secret_shares: 3, secret_threshold: 1 }, as),
      post(`${path}/init`, { secret_shares: 2, secret_threshold: 3 }, as),
      post(`${path}/init`, { secret_shares: 3, secret_threshold: 2, pgp_keys: ['x'] }, as),
      post(`${path}/init`, { secret_shares: 1, secret_threshold: 1, pgp_keys: ['x'] }, as),
      post(`${path}/init`, { secret_shares: 1, secret_threshold: 1, pgp_keys: ['aGVsbG8='] }, as),
      post(`${path}/update`, { key: '<one>', nonce: 'x' }, as),
      post(`${path}/verify`, { key: '<one>', nonce: 'x' }, as),
      post(`${path}/init`, { secret_shares: 3, secret_threshold: 2 }, { ...as, save: { nonce: `${at}nonce` } }),
      post(`${path}/init`, { secret_shares: 3, secret_threshold: 2 }, as),
      get(`${path}/init`, as),
      post(`${path}/update`, {}, as),
      post(`${path}/update`, { key: '<one>' }, as),
      post(`${path}/update`, { key: '<one>', nonce: 'x' }, as),
      give('zz'),
      // The other path takes a share of any length, and fails when it is to be put together.
      ...(at === '' ? [give('aa'.repeat(10)), give('aa'.repeat(40))] : []),
      give('<one>'),
      give('<one>'),
      give(WRONG),
      get(`${path}/init`, as),
      del(`${path}/init`, as),
      del(`${path}/init`, as),
    ),
    scenario(
      `${name}: new shares at once`,
      post(`${path}/init`, { secret_shares: 3, secret_threshold: 2 }, { ...as, save: { nonce: `${at}nonce` } }),
      give('<two>'),
      give('<three>', { save: shares }),
      get(`${path}/init`, as),
      get('sys/seal-status', none),
    ),
    scenario(
      `${name}: new shares, given back`,
      post(`${path}/init`, { secret_shares: 3, secret_threshold: 2, require_verification: true }, { ...as, save: { nonce: `${at}nonce` } }),
      give('<one>'),
      give('<two>', {
        save: { back: `${at}verification_nonce`, newOne: `${at}keys.0`, newTwo: `${at}keys.1`, newThree: `${at}keys_base64.2` },
      }),
      get(`${path}/init`, as),
      get(`${path}/verify`, as),
      give('<one>'),
      post(`${path}/verify`, { key: '<newOne>', nonce: 'x' }, as),
      giveBack('<newOne>'),
      del(`${path}/verify`, { ...as, save: { back: `${at}nonce` } }),
      giveBack('<newOne>'),
      giveBack(WRONG),
      get(`${path}/verify`, { ...as, save: { back: `${at}nonce` } }),
      giveBack('<newOne>'),
      giveBack('<newThree>'),
      get(`${path}/verify`, as),
      // The next starts from these.
      post(`${path}/init`, { secret_shares: 3, secret_threshold: 2 }, { ...as, save: { nonce: `${at}nonce` } }),
      give('<newOne>'),
      give('<newTwo>', { save: shares }),
    ),
  ]
}

const generate: Scenario = scenario(
  'generate-root with recovery shares',
  get('sys/generate-root/attempt', { ...none, ...pad }),
  post('sys/generate-root/attempt', { pgp_key: 'x' }, none),
  post('sys/generate-root/attempt', { pgp_key: 'aGVsbG8=' }, none),
  post('sys/generate-root-token/attempt', { pgp_key: 'x' }, root),
  post('sys/generate-root/attempt', {}, { ...none, ...pad, save: { nonce: 'nonce', otp: 'otp' } }),
  post('sys/generate-root/update', { key: WRONG, nonce: '<nonce>' }, { ...none, ...pad }),
  post('sys/generate-root/update', { key: '<one>', nonce: '<nonce>' }, { ...none, ...pad }),
  post('sys/generate-root/update', { key: '<one>', nonce: '<nonce>' }, { ...none, ...pad }),
  post('sys/generate-root/update', { key: '<two>', nonce: '<nonce>' }, { ...none, ...pad, save: { encoded: 'encoded_token' } }),
  post('sys/decode-token', { encoded_token: '<encoded>', otp: '<otp>' }, { ...none, save: { another: 'data.token' } }),
  get('auth/token/lookup-self', { token: 'another' }),
)

const sealed: Scenario = scenario(
  'sealed by hand, and unsealed with recovery shares',
  put('sys/seal', undefined, root),
  get('sys/seal-status', none),
  get('sys/health', none),
  put('sys/unseal', { key: 'zz' }, none),
  put('sys/unseal', { key: '<one>', migrate: true }, none),
  put('sys/unseal', { key: '<one>' }, none),
  put('sys/unseal', { key: WRONG }, none),
  put('sys/unseal', { key: '<one>' }, none),
  put('sys/unseal', { reset: true }, none),
  put('sys/unseal', { key: '<one>' }, none),
  put('sys/unseal', { key: '<three>' }, none),
  get('sys/health', { ...none, until: { status: 200 } }),
  get('auth/token/lookup-self', root),
)

export const autoUnseal: Area = {
  name: 'auto-unseal',
  server: 'inmem',
  config,
  scenarios: [begin, initialised, rootKey, ...recovery(old), ...recovery(current), generate, sealed],
}

/** There is nobody to ask before the first recovery shares are made. */
export const withoutRecovery: Area = {
  name: 'auto-unseal without recovery shares',
  server: 'inmem',
  config,
  scenarios: [
    scenario(
      'recovery shares later',
      put('sys/init', {}, { ...none, save: { rootToken: 'root_token' } }),
      get('sys/health', { ...none, until: { status: 200 } }),
      get('sys/seal-status', none),
      get('sys/rekey-recovery-key/init', none),
      get('sys/rotate/recovery/init', root),
      get('sys/generate-root/attempt', { ...none, ...pad }),
      get('sys/rekey/init', none),
      get('sys/rotate/root/init', root),
      post('sys/rotate/recovery/init', { secret_shares: 2, secret_threshold: 3 }, root),
      post(
        'sys/rotate/recovery/init',
        { secret_shares: 3, secret_threshold: 2 },
        { ...root, save: { one: 'data.keys.0', two: 'data.keys.1' } },
      ),
      get('sys/rotate/recovery/init', root),
      get('sys/seal-status', none),
      post('sys/generate-root/attempt', {}, { ...none, ...pad, save: { nonce: 'nonce' } }),
      post('sys/generate-root/update', { key: '<one>', nonce: '<nonce>' }, { ...none, ...pad }),
      post('sys/generate-root/update', { key: '<two>', nonce: '<nonce>' }, { ...none, ...pad }),
    ),
  ],
}
