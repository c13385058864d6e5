import { del, get, post, put, raw, scenario, type Area, type Scenario, type Step } from './harness/scenario.ts'

const none = { token: 'none' } as const
const root = { token: 'rootToken' } as const
/** A share of the right length, of no set: no other is at this point, so that the two never are taken for one. */
const WRONG = `${'ab'.repeat(32)}00`
/** Our tokens are longer, so their pads are too. */
const pad = {
  except: ['otp', 'otp_length', 'data.otp', 'data.otp_length', 'encoded_token', 'encoded_root_token', 'data.encoded_token'],
} as const

const begin: Scenario = scenario(
  'init and unseal',
  ...['sys/generate-root/attempt', 'sys/rekey/init', 'sys/rekey/verify', 'sys/rekey/backup'].map(path => get(path, none)),
  put(
    'sys/init',
    { secret_shares: 3, secret_threshold: 2 },
    { token: 'none', save: { rootToken: 'root_token', one: 'keys.0', two: 'keys.1', three: 'keys_base64.2' } },
  ),
  ...['sys/generate-root/attempt', 'sys/rekey/init', 'sys/rekey/verify', 'sys/rekey/backup'].map(path => get(path, none)),
  post('sys/generate-root/update', { key: '<one>', nonce: 'x' }, none),
  put('sys/unseal', { key: '<one>' }, none),
  put('sys/unseal', { key: '<two>' }, none),
  get('sys/health', { token: 'none', until: { status: 200 } }),
)

const generateRoot: Scenario = scenario(
  'generate-root without a token',
  get('sys/generate-root/attempt', { ...none, ...pad }),
  post('sys/generate-root/attempt', { otp: 'abc' }, none),
  post('sys/generate-root/attempt', { otp: 'abc', pgp_key: 'abc' }, none),
  post('sys/generate-root/attempt', { otp: 7 }, none),
  raw('POST', 'sys/generate-root/attempt', 'not json', none),
  post('sys/generate-root/update', { key: '<one>', nonce: 'x' }, none),
  post('sys/generate-root/update', { key: 'ab'.repeat(17), nonce: 'x' }, none),
  put('sys/generate-root/attempt', {}, { ...none, ...pad, save: { nonce: 'nonce' } }),
  post('sys/generate-root/attempt', {}, none),
  get('sys/generate-root/attempt', { ...none, ...pad }),
  post('sys/generate-root/update', {}, none),
  raw('POST', 'sys/generate-root/update', '', none),
  get('sys/generate-root/update', none),
  post('sys/generate-root/update', { key: '<one>' }, none),
  post('sys/generate-root/update', { key: '<one>', nonce: 'x' }, none),
  post('sys/generate-root/update', { key: 'zz', nonce: '<nonce>' }, none),
  post('sys/generate-root/update', { key: 'aa', nonce: '<nonce>' }, none),
  post('sys/generate-root/update', { key: 'AAAA', nonce: '<nonce>' }, none),
  post('sys/generate-root/update', { key: 'ab'.repeat(40), nonce: '<nonce>' }, none),
  post('sys/generate-root/update', { key: '<one>', nonce: '<nonce>' }, { ...none, ...pad }),
  post('sys/generate-root/update', { key: '<one>', nonce: '<nonce>' }, none),
  post('sys/generate-root/update', { key: WRONG, nonce: '<nonce>' }, none),
  get('sys/generate-root/attempt', { ...none, ...pad }),
  del('sys/generate-root/attempt', none),
  del('sys/generate-root/attempt', none),
  get('sys/generate-root/attempt', { ...none, ...pad }),
  post('sys/generate-root/attempt', undefined, { ...none, ...pad, save: { nonce: 'nonce', otp: 'otp' } }),
  post('sys/generate-root/update', { key: '<two>', nonce: '<nonce>' }, { ...none, ...pad }),
  post('sys/generate-root/update', { key: '<three>', nonce: '<nonce>' }, { ...none, ...pad, save: { encoded: 'encoded_token' } }),
  get('sys/generate-root/attempt', { ...none, ...pad }),
  post('sys/decode-token', { encoded_token: '<encoded>', otp: '<otp>' }, { ...none, save: { newRoot: 'data.token' } }),
  get('auth/token/lookup-self', { token: 'newRoot' }),
  post('sys/decode-token', {}, none),
  post('sys/decode-token', { encoded_token: '<encoded>' }, none),
  post('sys/decode-token', { otp: 'a' }, none),
  post('sys/decode-token', { encoded_token: '!', otp: 'a' }, none),
  post('sys/decode-token', { encoded_token: 'aaaa', otp: 'a' }, none),
  get('sys/decode-token', none),
)

const withToken: Scenario = scenario(
  'generate-root with a token',
  get('sys/generate-root-token/attempt', none),
  get('sys/generate-root-token/attempt', { ...root, ...pad }),
  post('sys/generate-root-token/attempt', { otp: 'abc' }, root),
  post('sys/generate-root-token/attempt', {}, { ...root, ...pad, save: { nonce: 'data.nonce', otp: 'data.otp' } }),
  post('sys/generate-root-token/attempt', {}, root),
  get('sys/generate-root-token/attempt', { ...root, ...pad }),
  post('sys/generate-root-token/update', {}, root),
  post('sys/generate-root-token/update', { nonce: '<nonce>' }, root),
  post('sys/generate-root-token/update', { key: 'zz', nonce: '<nonce>' }, root),
  post('sys/generate-root-token/update', { key: '<one>', nonce: 'x' }, root),
  post('sys/generate-root-token/update', { key: '<one>', nonce: '<nonce>' }, { ...root, ...pad }),
  post('sys/generate-root-token/update', { key: '<one>', nonce: '<nonce>' }, root),
  post('sys/generate-root-token/update', { key: WRONG, nonce: '<nonce>' }, root),
  post('sys/generate-root-token/update', { key: '<one>', nonce: '<nonce>' }, { ...root, ...pad }),
  post('sys/generate-root-token/update', { key: '<two>', nonce: '<nonce>' }, { ...root, ...pad, save: { encoded: 'data.encoded_token' } }),
  post('sys/generate-root-token/update', { key: '<two>', nonce: '<nonce>' }, root),
  post('sys/decode-token', { encoded_token: '<encoded>', otp: '<otp>' }, { ...none, save: { another: 'data.token' } }),
  get('auth/token/lookup-self', { token: 'another' }),
  post('sys/generate-root-token/attempt', {}, { ...root, ...pad }),
  del('sys/generate-root-token/attempt', root),
  del('sys/generate-root-token/attempt', root),
)

interface Paths {
  readonly name: string
  readonly init: string
  readonly update: string
  readonly verify: string
  /** Where the answer's fields are. */
  readonly at: string
  readonly as: { readonly token: string }
}
const rekeyPaths: Paths = {
  name: 'rekey',
  init: 'sys/rekey/init',
  update: 'sys/rekey/update',
  verify: 'sys/rekey/verify',
  at: '',
  as: none,
}
const rotatePaths: Paths = {
  name: 'rotate/root',
  init: 'sys/rotate/root/init',
  update: 'sys/rotate/root/update',
  verify: 'sys/rotate/root/verify',
  at: 'data.',
  as: root,
}

/** Both ways to new shares; the second starts from what the first has made. */
const changes = ({ name, init, update, verify, at, as }: Paths): readonly Scenario[] => {
  const give = (key: string, more: Partial<Step> = {}): Step => post(update, { key, nonce: '<nonce>' }, { ...as, ...more })
  const giveBack = (key: string, more: Partial<Step> = {}): Step => post(verify, { key, nonce: '<back>' }, { ...as, ...more })
  const shares = { one: `${at}keys.0`, two: `${at}keys.1`, three: `${at}keys_base64.2` }
  return [
    scenario(
      `${name}: what is refused`,
      get(init, as),
      get(verify, as),
      del(verify, as),
      post(update, { key: '<one>', nonce: 'x' }, as),
      post(verify, { key: '<one>', nonce: 'x' }, as),
      post(init, {}, as),
      post(init, { secret_shares: 3, secret_threshold: 1 }, as),
      post(init, { secret_shares: 2, secret_threshold: 3 }, as),
      post(init, { secret_shares: 256, secret_threshold: 3 }, as),
      post(init, { secret_shares: 3, secret_threshold: 2, pgp_keys: ['x'] }, as),
      post(init, { secret_shares: 3, secret_threshold: 2 }, { ...as, save: { nonce: `${at}nonce` } }),
      post(init, { secret_shares: 3, secret_threshold: 2 }, as),
      get(init, as),
      get(verify, as),
      post(update, {}, as),
      post(update, { key: '<one>' }, as),
      post(update, { key: '<one>', nonce: 'x' }, as),
      give('zz'),
      post(verify, { key: '<one>', nonce: 'x' }, as),
      give('<one>'),
      give('<one>'),
      get(init, as),
      give(WRONG),
      get(init, as),
      del(verify, as),
      get(verify, as),
      del(init, as),
      del(init, as),
      get(init, as),
    ),
    scenario(
      `${name}: new shares at once`,
      post(init, { secret_shares: 3, secret_threshold: 2 }, { ...as, save: { nonce: `${at}nonce` } }),
      give('<two>'),
      give('<three>', { save: { ...shares } }),
      get(init, as),
      put('sys/seal', {}, root),
      put('sys/unseal', { key: WRONG }, none),
      put('sys/unseal', { reset: true }, none),
      put('sys/unseal', { key: '<one>' }, none),
      put('sys/unseal', { key: '<three>' }, none),
      get('sys/health', { token: 'none', until: { status: 200 } }),
      get('auth/token/lookup-self', root),
    ),
    scenario(
      `${name}: new shares, given back`,
      post(init, { secret_shares: 3, secret_threshold: 2, require_verification: true }, { ...as, save: { nonce: `${at}nonce` } }),
      give('<one>'),
      give('<two>', {
        save: { back: `${at}verification_nonce`, newOne: `${at}keys.0`, newTwo: `${at}keys.1`, newThree: `${at}keys_base64.2` },
      }),
      get(init, as),
      get(verify, as),
      give('<one>'),
      post(verify, {}, as),
      post(verify, { key: '<newOne>', nonce: 'x' }, as),
      giveBack('<newOne>'),
      get(verify, as),
      del(verify, { ...as, save: { back: `${at}nonce` } }),
      giveBack('<newOne>'),
      giveBack(WRONG),
      get(verify, { ...as, save: { back: `${at}nonce` } }),
      giveBack('<newOne>'),
      giveBack('<newThree>'),
      get(init, as),
      get(verify, as),
      put('sys/seal', {}, root),
      put('sys/unseal', { key: '<newOne>' }, none),
      put('sys/unseal', { key: '<newTwo>' }, none),
      get('sys/health', { token: 'none', until: { status: 200 } }),
      get('sys/seal-status', none),
      // The next starts from these.
      post(init, { secret_shares: 3, secret_threshold: 2 }, { ...as, save: { nonce: `${at}nonce` } }),
      give('<newTwo>'),
      give('<newThree>', { save: { ...shares } }),
    ),
  ]
}

const rotation: Scenario = scenario(
  'rotation of the encryption key',
  ...['sys/rotate/config', 'sys/rotate/keyring/config'].flatMap(path => [
    get(path, none),
    get(path, root),
    post(path, {}, root),
    post(path, { max_operations: 5 }, root),
    post(path, { max_operations: 99_999_999_999 }, root),
    post(path, { max_operations: 1_000_000, interval: '48h', enabled: true }, root),
    get(path, root),
    post(path, { interval: '5s' }, root),
    post(path, { interval: 'x' }, root),
    post(path, { interval: '0' }, root),
    post(path, { enabled: false }, root),
    get(path, root),
    post(path, { enabled: true, max_operations: 3_865_470_566 }, root),
  ]),
)

const others: Scenario = scenario(
  'the root key, recovery keys and backups',
  post('sys/rotate/root', {}, none),
  post('sys/rotate/root', {}, root),
  get('sys/rotate/root', root),
  put('sys/seal', {}, root),
  put('sys/unseal', { key: '<one>' }, none),
  put('sys/unseal', { key: '<two>' }, none),
  get('sys/health', { token: 'none', until: { status: 200 } }),
  ...['sys/rotate/root/backup', 'sys/rekey/backup', 'sys/rotate/recovery/backup', 'sys/rekey/recovery-key-backup'].flatMap(path => [
    get(path, none),
    get(path, root),
    del(path, root),
  ]),
  get('sys/rotate/recovery/init', root),
  post('sys/rotate/recovery/init', { secret_shares: 1, secret_threshold: 1 }, root),
  get('sys/generate-recovery-token/attempt', none),
  get('sys/generate-recovery-token/attempt', root),
  get('sys/rekey-recovery-key/init', none),
  get('sys/rekey-recovery-key/verify', none),
)

/** As a listener has it that nobody told otherwise. */
export const sharesWithToken: Area = {
  name: 'shares, where a token is needed',
  server: 'inmem',
  scenarios: [
    begin,
    scenario(
      'without a token nothing can be done',
      ...['sys/generate-root/attempt', 'sys/generate-root/update', 'sys/rekey/init', 'sys/rekey/update', 'sys/rekey/verify'].flatMap(
        path => [get(path, none), post(path, { key: '<one>', nonce: 'x' }, none), post(path, {}, root), del(path, none)],
      ),
      get('sys/rekey-recovery-key/init', none),
    ),
    withToken,
    ...changes(rotatePaths),
    rotation,
    others,
  ],
}

export const sharesWithoutToken: Area = {
  name: 'shares, where no token is needed',
  server: 'inmem',
  config: { listener: '  disable_unauthed_rekey_endpoints = false\n  disable_unauthed_generate_root_endpoints = false\n' },
  scenarios: [begin, generateRoot, withToken, ...changes(rekeyPaths), others],
}
