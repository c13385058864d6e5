import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, demand, pick } from './harness/installation.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'

const HELLO = Buffer.from('hello').toString('base64')
const CONTEXT = Buffer.from('ctx').toString('base64')
const token = 'root'

interface Kind {
  readonly type: string
  readonly settings?: object
  /** What goes with each operation. */
  readonly words?: object
  readonly does: 'encrypt' | 'sign' | 'both' | 'hmac'
}
const KINDS: Readonly<Record<string, Kind>> = {
  'aes128-gcm96': { type: 'aes128-gcm96', does: 'encrypt' },
  'aes256-gcm96': { type: 'aes256-gcm96', does: 'encrypt' },
  'chacha20-poly1305': { type: 'chacha20-poly1305', does: 'encrypt' },
  'xchacha20-poly1305': { type: 'xchacha20-poly1305', does: 'encrypt' },
  'a derived key': { type: 'aes256-gcm96', settings: { derived: true }, words: { context: CONTEXT }, does: 'encrypt' },
  'a convergent key': {
    type: 'aes128-gcm96',
    settings: { derived: true, convergent_encryption: true },
    words: { context: CONTEXT },
    does: 'encrypt',
  },
  'a convergent key of XChaCha20': {
    type: 'xchacha20-poly1305',
    settings: { derived: true, convergent_encryption: true },
    words: { context: CONTEXT },
    does: 'encrypt',
  },
  ed25519: { type: 'ed25519', does: 'sign' },
  'a derived Ed25519 key': { type: 'ed25519', settings: { derived: true }, words: { context: CONTEXT }, does: 'sign' },
  'ecdsa-p256': { type: 'ecdsa-p256', does: 'sign' },
  'ecdsa-p384': { type: 'ecdsa-p384', words: { prehashed: true }, does: 'sign' },
  'ecdsa-p521': { type: 'ecdsa-p521', words: { marshaling_algorithm: 'jws' }, does: 'sign' },
  'rsa-2048': { type: 'rsa-2048', does: 'both' },
  'rsa-2048 with PKCS #1 v1.5': {
    type: 'rsa-2048',
    words: { signature_algorithm: 'pkcs1v15', hash_algorithm: 'sha2-384' },
    does: 'sign',
  },
  hmac: { type: 'hmac', settings: { key_size: 48 }, does: 'hmac' },
}

const write = (at: RunningServer, path: string, body: object = {}): Promise<unknown> => demand(at, 'POST', path, { token, body })
const read = (at: RunningServer, path: string): Promise<unknown> => demand(at, 'GET', path, { token })

/** What one server encrypted, signed or authenticated, the other understands. */
async function understands(maker: RunningServer, other: RunningServer, key: string, { words = {}, does }: Kind): Promise<void> {
  if (does === 'encrypt' || does === 'both') {
    const ciphertext = pick(await write(maker, `transit/encrypt/${key}`, { plaintext: HELLO, ...words }), 'data', 'ciphertext')
    expect(pick(await write(other, `transit/decrypt/${key}`, { ciphertext, ...words }), 'data', 'plaintext')).toBe(HELLO)
  }
  if (does === 'sign' || does === 'both') {
    const signature = pick(await write(maker, `transit/sign/${key}`, { input: HELLO, ...words }), 'data', 'signature')
    expect(pick(await write(other, `transit/verify/${key}`, { input: HELLO, signature, ...words }), 'data', 'valid')).toBe(true)
    expect(pick(await write(other, `transit/verify/${key}`, { input: CONTEXT, signature, ...words }), 'data', 'valid')).toBe(false)
  }
  const hmac = pick(await write(maker, `transit/hmac/${key}`, { input: HELLO }), 'data', 'hmac')
  expect(pick(await write(other, `transit/verify/${key}`, { input: HELLO, hmac }), 'data', 'valid')).toBe(true)
}

describe('a key that moves between the peer and us', () => {
  let servers: readonly RunningServer[] = []
  beforeAll(async () => {
    servers = await Promise.all([startPeer('dev'), startOurs('dev')])
    for (const server of servers) await write(server, 'sys/mounts/transit', { type: 'transit' })
  })
  afterAll(() => Promise.all(servers.map(it => it.stop())))

  const directions = ['from the peer to us', 'from us to the peer'] as const
  const pair = (direction: (typeof directions)[number]): readonly [RunningServer, RunningServer] => {
    const [peer, ours] = servers as [RunningServer, RunningServer]
    return direction === 'from us to the peer' ? [ours, peer] : [peer, ours]
  }
  const cases = directions.flatMap(direction => Object.entries(KINDS).map(([name, kind]) => [direction, name, kind] as const))

  it.each(cases)('%s in a backup is the same key: %s', async (direction, name, kind) => {
    const [from, to] = pair(direction)
    const key = `${name.replace(/\W+/g, '-')}-${direction === 'from us to the peer' ? 'out' : 'in'}`
    await write(from, `transit/keys/${key}`, { type: kind.type, exportable: true, allow_plaintext_backup: true, ...kind.settings })
    for (let i = 0; i < 3; i++) await write(from, `transit/keys/${key}/rotate`)
    await write(from, `transit/keys/${key}/config`, { min_decryption_version: 2, min_encryption_version: 3 })
    await write(from, `transit/keys/${key}/trim`, { min_available_version: 2 })
    const backup = pick(await read(from, `transit/backup/${key}`), 'data', 'backup')
    await write(to, 'transit/restore', { backup })
    const [before, after] = await Promise.all([from, to].map(it => read(it, `transit/keys/${key}`)))
    // Times are written with as many digits as each likes.
    const seen = (it: unknown): unknown =>
      JSON.parse(JSON.stringify(it), (name, value: unknown) =>
        name === 'time' || name === 'creation_time' ? Date.parse(String(value)) : value,
      )
    const settings = (it: unknown): object => ({ ...pick<object>(seen(it), 'data'), restore_info: undefined })
    expect(settings(after)).toEqual(settings(before))
    await understands(from, to, key, kind)
    await understands(to, from, key, kind)
    await write(to, `transit/keys/${key}/config`, { min_decryption_version: 2 })
    await write(to, `transit/keys/${key}/rotate`)
    // And once more, so that what is read here is written as it was read.
    const again = pick(await read(to, `transit/backup/${key}`), 'data', 'backup')
    await write(from, `transit/restore/${key}-again`, { backup: again })
    await write(to, `transit/restore/${key}-again`, { backup: again })
    await understands(from, to, `${key}-again`, kind)
  })

  it.each(directions)('%s under the wrapping key of the other is the same key', async direction => {
    const [from, to] = pair(direction)
    const name = direction === 'from us to the peer' ? 'out' : 'in'
    const publicKey = pick(await read(to, 'transit/wrapping_key'), 'data', 'public_key')
    await write(from, `transit/keys/wrapping-${name}/import`, { type: 'rsa-4096', public_key: publicKey })
    for (const type of ['aes256-gcm96', 'rsa-2048', 'ecdsa-p384', 'ed25519', 'hmac']) {
      const key = `byok-${type}-${name}`
      await write(from, `transit/keys/${key}`, { type, exportable: true, ...(type === 'hmac' && { key_size: 32 }) })
      const ciphertext = pick(await read(from, `transit/byok-export/wrapping-${name}/${key}/latest`), 'data', 'keys', '1')
      await write(to, `transit/keys/${key}/import`, { type, ciphertext, exportable: true })
      const kind: Kind = {
        type,
        does: type.startsWith('aes') ? 'encrypt' : type === 'rsa-2048' ? 'both' : type === 'hmac' ? 'hmac' : 'sign',
      }
      if (type === 'hmac') await understands(from, to, key, kind)
      else {
        // Its HMAC key is made anew by the import.
        const made = kind.does === 'encrypt' || kind.does === 'both'
        const path = made ? 'encrypt' : 'sign'
        const given = await write(from, `transit/${path}/${key}`, made ? { plaintext: HELLO } : { input: HELLO })
        if (made)
          expect(
            pick(await write(to, `transit/decrypt/${key}`, { ciphertext: pick(given, 'data', 'ciphertext') }), 'data', 'plaintext'),
          ).toBe(HELLO)
        else
          expect(
            pick(await write(to, `transit/verify/${key}`, { input: HELLO, signature: pick(given, 'data', 'signature') }), 'data', 'valid'),
          ).toBe(true)
      }
      expect(await ask(to, 'POST', `transit/keys/${key}/rotate`, { token })).toMatchObject({ status: 500 })
    }
  })

  it('is refused by both in the same words when it is not what it is said to be', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({ type: 'pkcs8', format: 'der' })
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const answers = await Promise.all(
      servers.map(async server => {
        const publicKey = pick<string>(await read(server, 'transit/wrapping_key'), 'data', 'public_key')
        const wrap = (secret: Uint8Array, hash = 'sha256'): string => {
          const key = randomBytes(32)
          const head = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: hash }, key)
          const wrapping = createCipheriv('id-aes256-wrap-pad', key, Buffer.from('a65959a6', 'hex'))
          return Buffer.concat([head, wrapping.update(secret), wrapping.final()]).toString('base64')
        }
        const pub = curve.publicKey.export({ type: 'spki', format: 'pem' })
        const tries: readonly object[] = [
          {},
          { ciphertext: 'zz' },
          { ciphertext: 'YWFh' },
          { ciphertext: randomBytes(600).toString('base64') },
          {
            ciphertext: Buffer.concat([Buffer.from(wrap(randomBytes(32)), 'base64').subarray(0, 512), randomBytes(40)]).toString('base64'),
          },
          { ciphertext: wrap(randomBytes(16)) },
          { ciphertext: wrap(randomBytes(32)), type: 'zz' },
          { ciphertext: wrap(randomBytes(32)), hash_function: 'zz' },
          { ciphertext: wrap(randomBytes(10)), type: 'hmac' },
          { ciphertext: wrap(other), type: 'rsa-2048' },
          { ciphertext: wrap(curve.privateKey.export({ type: 'pkcs8', format: 'der' })), type: 'ecdsa-p384' },
          { ciphertext: wrap(curve.privateKey.export({ type: 'pkcs8', format: 'der' })), type: 'ed25519' },
          { public_key: 'zz', type: 'rsa-2048' },
          { public_key: pub },
          { public_key: pub, type: 'ed25519' },
          { public_key: pub, type: 'ecdsa-p521' },
          { ciphertext: wrap(randomBytes(32)), auto_rotate_period: '1h' },
          { ciphertext: wrap(randomBytes(32), 'sha512'), hash_function: 'SHA512', allow_rotation: true },
          { ciphertext: wrap(randomBytes(32)) },
        ]
        const seen: (readonly [number, string])[] = []
        for (const body of tries) {
          const { status, text } = await ask(server, 'POST', 'transit/keys/bad/import', { token, body })
          seen.push([status, text])
        }
        for (const path of ['keys/bad/rotate', 'keys/none/import_version', 'keys/bad/import_version', 'restore', 'restore/x']) {
          const { status, text } = await ask(server, 'POST', `transit/${path}`, {
            token,
            body: path === 'restore/x' ? { backup: 'YWFh' } : {},
          })
          seen.push([status, text.startsWith('{"request_id"') ? '' : text])
        }
        for (const path of ['backup/bad', 'backup/none', 'byok-export/none/bad', 'byok-export/bad/none', 'byok-export/bad/bad']) {
          const { status, text } = await ask(server, 'GET', `transit/${path}`, { token })
          seen.push([status, text])
        }
        return seen
      }),
    )
    expect(answers[1]).toEqual(answers[0])
  })
})
