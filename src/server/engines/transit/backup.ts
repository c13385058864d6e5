/** Backups in the form of the peer, so that a key moves between servers: the policy as Go writes it in JSON, base 64. */
import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { parseJson, rfc3339Nano, stringifyJson } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { decodedBase64, type Family, gives, type HandlersOf, op, route, statefulFamily } from '../../framework/index.ts'
import { faults, isFault, type View } from '../../logical/index.ts'
import { isKeySize } from './change.ts'
import { dropKey, putKey, putVersion, typeOf, type KeyRecord, type Mount, type Version, type VersionRecord } from './key.ts'
import { keyTypes, pkcs8, type KeyType } from './key-types.ts'
import { pem } from './shown.ts'

const restoreInput = {
  backup: f.string('What backup gave.', { secret: true }),
  name: f.string('Name of the restored key; its own when not given.'),
  force: f.bool('Whether a key of this name is replaced.'),
}
const routes = {
  backup: route('backup/{name}', {
    doc: 'A copy of a key, secrets and all.',
    params: { name: f.name('Name of the key.') },
    ops: { read: op({ doc: 'Make it.', gives: gives.data({ backup: f.string('The copy.', { secret: true }) }) }) },
  }),
  restore: route('restore', {
    doc: 'Keys from copies.',
    ops: { write: op({ doc: 'Restore a key.', input: restoreInput, gives: gives.nothing }) },
  }),
  restoreAs: route('restore/{name}', {
    doc: 'Keys from copies, under another name.',
    params: { name: f.name('Name of the restored key.') },
    ops: { write: op({ doc: 'Restore a key.', input: { backup: restoreInput.backup, force: restoreInput.force }, gives: gives.nothing }) },
  }),
}

const failed = (why: string, cause?: unknown): Error => faults.failedAs({ why }, { cause })

// ---- writing -----------------------------------------------------------------------------------------------
/** Go writes its big integers as JSON numbers of any length. */
const big = (base64url: string | undefined): unknown =>
  rawNumber(BigInt(`0x${Buffer.from(base64url ?? '', 'base64url').toString('hex') || '0'}`))
const rawNumber = (value: bigint): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(value.toString())

function rsaKey(jwk: JsonWebKey): object {
  return {
    N: big(jwk.n),
    E: Number(BigInt(`0x${Buffer.from(jwk.e ?? '', 'base64url').toString('hex')}`)),
    D: big(jwk.d),
    Primes: [big(jwk.p), big(jwk.q)],
    Precomputed: { Dp: big(jwk.dp), Dq: big(jwk.dq), Qinv: big(jwk.qi), CRTValues: [] },
  }
}

const EMPTY = {
  key: null,
  hmac_key: null,
  time: '0001-01-01T00:00:00Z',
  ec_x: null,
  ec_y: null,
  ec_d: null,
  rsa_key: null,
  rsa_public_key: null,
  public_key: '',
  convergent_version: 0,
  creation_time: 0,
  certificate_chain: null,
  external_key_ref: '',
}

function written(key: KeyRecord, version: Version): object {
  const { record, type } = version
  const common = {
    ...EMPTY,
    hmac_key: record.hmacKey,
    time: record.created,
    creation_time: Math.floor(Date.parse(record.created) / 1000),
    convergent_version: key.convergent ? 3 : 0,
  }
  const jwk = type.family === 'ecdsa' || type.family === 'rsa' ? (version.private ?? version.public).export({ format: 'jwk' }) : {}
  switch (type.family) {
    case 'ecdsa':
      return { ...common, ec_x: big(jwk.x), ec_y: big(jwk.y), ec_d: jwk.d === undefined ? null : big(jwk.d), public_key: pem(version) }
    case 'rsa':
      return jwk.d === undefined
        ? { ...common, rsa_public_key: { N: big(jwk.n), E: Number(BigInt(`0x${Buffer.from(jwk.e ?? '', 'base64url').toString('hex')}`)) } }
        : { ...common, rsa_key: rsaKey(jwk) }
    case 'ed25519':
      return {
        ...common,
        key: record.secret ?? null,
        public_key: Buffer.from(version.public.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64'),
      }
    default:
      return { ...common, key: record.secret ?? null }
  }
}

async function backedUp(mount: Mount, view: View, name: string, now: Date): Promise<string> {
  const before = await mount.key(view, name)
  if (before === undefined) throw failed(`key ${JSON.stringify(name)} not found`)
  if (before.softDeleted) throw failed('refusing to use soft-deleted key')
  if (!before.exportable) throw failed('exporting is disallowed on the policy')
  if (!before.allowPlaintextBackup) throw failed('plaintext backup is disallowed on the policy')
  const key: KeyRecord = { ...before, backup: { time: rfc3339Nano(now.getTime()), version: before.latestVersion } }
  const oldest = Math.max(1, key.minAvailableVersion)
  const versions = new Map<number, object>()
  for (let n = oldest; n <= key.latestVersion; n++) versions.set(n, written(key, await mount.version(view, key, n)))
  const text = stringifyJson({
    policy: {
      name: key.name,
      ...(key.keySize !== undefined && { key_size: key.keySize }),
      keys: Object.fromEntries([...versions].filter(([n]) => n >= key.minDecryptionVersion)),
      derived: key.derived,
      kdf: key.derived ? 1 : 0,
      convergent_encryption: key.convergent,
      exportable: key.exportable,
      min_decryption_version: key.minDecryptionVersion,
      min_encryption_version: key.minEncryptionVersion,
      latest_version: key.latestVersion,
      archive_version: key.latestVersion,
      archive_min_version: key.minAvailableVersion,
      min_available_version: key.minAvailableVersion,
      deletion_allowed: key.deletionAllowed,
      convergent_version: key.convergent ? -1 : 0,
      type: typeOf(key).number,
      backup_info: key.backup,
      restore_info: key.restore ?? null,
      allow_plaintext_backup: key.allowPlaintextBackup,
      version_template: '',
      storage_prefix: '',
      auto_rotate_period: key.autoRotatePeriod * 1_000_000_000,
      Imported: key.imported,
      AllowImportedKeyRotation: key.importedMayRotate,
      soft_deleted: key.softDeleted,
    },
    archived_keys: {
      keys: [
        EMPTY,
        ...Array.from({ length: key.latestVersion - key.minAvailableVersion + (oldest === 1 ? 0 : 1) }, (_, i) => versions.get(oldest + i)),
      ],
    },
  })
  await view.transact(async tx => {
    const current = await mount.key(tx, name)
    if (current !== undefined) await putKey(tx, { ...current, ...(key.backup && { backup: key.backup }) })
  })
  return Buffer.from(text).toString('base64')
}

// ---- reading -----------------------------------------------------------------------------------------------
type Obj = Readonly<Record<string, unknown>>
const isObj = (value: unknown): value is Obj => typeof value === 'object' && value !== null && !Array.isArray(value)
const malformed = (what: string, cause?: unknown): Error => failed(`the backup is malformed: ${what}`, cause)

function digitsOf(value: unknown): bigint {
  const text = typeof value === 'number' ? String(value) : isObj(value) && typeof value['rawJSON'] === 'string' ? value['rawJSON'] : ''
  if (!/^\d{1,2500}$/.test(text)) throw malformed('a number of a key')
  return BigInt(text)
}
function urlNumber(value: unknown, bytes = 0): string {
  const hex = digitsOf(value).toString(16)
  const even = hex.length % 2 === 0 ? hex : `0${hex}`
  return Buffer.from(even.padStart(bytes * 2, '0'), 'hex').toString('base64url')
}

const CURVE_BYTES = { 'P-256': 32, 'P-384': 48, 'P-521': 66 } as const

function material(entry: Obj, type: KeyType): Pick<VersionRecord, 'secret' | 'publicKey'> {
  const asRecord = (key: KeyObject): Pick<VersionRecord, 'secret' | 'publicKey'> =>
    key.type === 'private'
      ? { secret: Buffer.from(pkcs8(key)).toString('base64') }
      : { publicKey: key.export({ type: 'spki', format: 'pem' }).toString() }
  switch (type.family) {
    case 'ecdsa': {
      const size = CURVE_BYTES[type.curve]
      const jwk = { kty: 'EC', crv: type.curve, x: urlNumber(entry['ec_x'], size), y: urlNumber(entry['ec_y'], size) }
      const d = entry['ec_d'] ?? undefined
      return asRecord(
        d === undefined
          ? createPublicKey({ key: jwk, format: 'jwk' })
          : createPrivateKey({ key: { ...jwk, d: urlNumber(d, size) }, format: 'jwk' }),
      )
    }
    case 'rsa': {
      const own = entry['rsa_key']
      if (!isObj(own)) {
        const open = entry['rsa_public_key']
        if (!isObj(open)) throw malformed('a version without a key')
        return asRecord(createPublicKey({ key: { kty: 'RSA', n: urlNumber(open['N']), e: urlNumber(open['E']) }, format: 'jwk' }))
      }
      const [p, q] = Array.isArray(own['Primes']) ? own['Primes'].map(digitsOf) : []
      if (p === undefined || q === undefined) throw malformed('the primes of a key')
      const d = digitsOf(own['D'])
      const u = (value: bigint): string => urlNumber({ rawJSON: value.toString() })
      const jwk = {
        kty: 'RSA',
        n: urlNumber(own['N']),
        e: urlNumber(own['E']),
        d: u(d),
        p: u(p),
        q: u(q),
        dp: u(d % (p - 1n)),
        dq: u(d % (q - 1n)),
        qi: u(inverse(q, p)),
      }
      return asRecord(createPrivateKey({ key: jwk, format: 'jwk' }))
    }
    default: {
      const secret = entry['key']
      if (typeof secret !== 'string') throw malformed('a version without a key')
      return { secret }
    }
  }
}

/** The inverse modulo a prime, by Euclid: for the one number of RFC 8017's private key that Go may leave out. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [modulus, value % modulus, 0n, 1n]
  while (b > 0n) [a, b, x, y] = [b, a % b, y, x - (a / b) * y]
  return ((x % modulus) + modulus) % modulus
}

/** What is no key is the writer's fault, whatever the library calls it. */
function materialOf(number: number, entry: Obj, type: KeyType): Pick<VersionRecord, 'secret' | 'publicKey'> {
  try {
    return material(entry, type)
  } catch (cause) {
    if (isFault(cause)) throw cause
    throw malformed(`version ${number} has a key that is none`, cause)
  }
}

interface Copy {
  readonly key: KeyRecord
  readonly versions: ReadonlyMap<number, VersionRecord>
}

function readCopy(text: string): Copy {
  let whole: unknown
  try {
    whole = parseJson(decodedBase64(text).toString())
  } catch (cause) {
    if (isFault(cause)) throw failed(cause.wire[0] ?? '', cause)
    throw failed(`invalid character ${goChar(decodedBase64(text).toString())} looking for beginning of value`, cause)
  }
  const policy = isObj(whole) ? whole['policy'] : undefined
  if (!isObj(whole) || !isObj(policy)) throw malformed('it has no policy')
  const type = Object.values(keyTypes).find(it => it.number === policy['type'])
  if (type === undefined) throw malformed('a type of key that is not known')
  const number = (name: string): number => {
    const value = typeof policy[name] === 'number' ? policy[name] : 0
    if (!Number.isInteger(value)) throw malformed(`${name} is no whole number`)
    return value
  }
  const flag = (name: string): boolean => policy[name] === true
  const latestVersion = number('latest_version')
  const minAvailableVersion = number('min_available_version')
  const entries = new Map<number, unknown>()
  const archived = isObj(whole['archived_keys']) ? whole['archived_keys']['keys'] : undefined
  // Position 0 of the archive stands for what came before the oldest version that is there.
  if (Array.isArray(archived))
    for (const [i, entry] of archived.entries()) if (i > 0) entries.set(Math.max(0, minAvailableVersion - 1) + i, entry)
  for (const [n, entry] of Object.entries(isObj(policy['keys']) ? policy['keys'] : {})) entries.set(Number(n), entry)
  const versions = new Map<number, VersionRecord>()
  for (let n = Math.max(1, minAvailableVersion); n <= latestVersion; n++) {
    const entry = entries.get(n)
    if (!isObj(entry) || typeof entry['hmac_key'] !== 'string' || typeof entry['time'] !== 'string')
      throw malformed(`version ${n} is missing`)
    versions.set(n, { created: entry['time'], hmacKey: entry['hmac_key'], ...materialOf(n, entry, type) })
  }
  if (versions.size === 0) throw malformed('it has no version')
  // The next version will be made of it.
  const keySize = number('key_size')
  if (type.family === 'hmac' && keySize !== 0 && !isKeySize(keySize)) throw malformed('the size of the key')
  const stamp = policy['backup_info']
  const latest = versions.get(latestVersion)
  const key: KeyRecord = {
    name: typeof policy['name'] === 'string' ? policy['name'] : '',
    type: type.name,
    derived: flag('derived'),
    convergent: flag('convergent_encryption'),
    exportable: flag('exportable'),
    allowPlaintextBackup: flag('allow_plaintext_backup'),
    deletionAllowed: flag('deletion_allowed'),
    minDecryptionVersion: Math.max(1, number('min_decryption_version')),
    minEncryptionVersion: number('min_encryption_version'),
    minAvailableVersion,
    latestVersion,
    autoRotatePeriod: Math.floor(number('auto_rotate_period') / 1_000_000_000),
    rotated: Date.parse(latest?.created ?? ''),
    imported: flag('Imported'),
    importedMayRotate: flag('AllowImportedKeyRotation'),
    softDeleted: flag('soft_deleted'),
    ...(type.family === 'hmac' && keySize !== 0 && { keySize }),
    ...(isObj(stamp) && { backup: { time: String(stamp['time']), version: Number(stamp['version']) } }),
  }
  return { key, versions }
}

const goChar = (text: string): string => (text === '' ? "''" : `'${text.charAt(0)}'`)

export const backupRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => {
  const restored = async (
    view: View,
    { backup = '', force = false }: { readonly backup?: string; readonly force?: boolean },
    name: string | undefined,
    now: Date,
  ): Promise<{ readonly is: 'nothing' }> => {
    if (backup === '') throw faults.refused({ why: "'backup' must be supplied" })
    const { key, versions } = readCopy(backup)
    const next: KeyRecord = { ...key, name: name ?? key.name, restore: { time: rfc3339Nano(now.getTime()), version: key.latestVersion } }
    if (!/^\w(?:[\w.-]*\w)?$/.test(next.name)) throw malformed('the name of the key')
    await view.transact(async tx => {
      const there = await mount.key(tx, next.name)
      if (there !== undefined && !force) throw failed(`key ${JSON.stringify(next.name)} already exists`)
      if (there !== undefined) await dropKey(tx, there)
      for (const [number, version] of versions) await putVersion(tx, next.name, number, version)
      await putKey(tx, next)
    })
    return { is: 'nothing' }
  }
  return {
    backup: {
      async read({ params, view, now }) {
        return { is: 'data', data: { backup: await backedUp(mount, view, params.name, now) } }
      },
    },
    restore: { write: ({ input, view, now }) => restored(view, input, input.name === '' ? undefined : input.name, now) },
    restoreAs: { write: ({ params, input, view, now }) => restored(view, input, params.name, now) },
  }
})
