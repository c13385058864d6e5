import { randomBytes, randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManualClock, SecretBytes, silentLog } from '../../../../src/kernel/index.ts'
import type { KeyKeeper } from '../../../../src/server/seal/index.ts'
import { staticSeal } from '../../../../src/server/seal/static/index.ts'

const open = (options: Readonly<Record<string, string>>, variables: Readonly<Record<string, string>> = {}): Promise<KeyKeeper> =>
  staticSeal.open(options, {
    clock: new ManualClock(new Date(0)),
    random: { bytes: count => randomBytes(count), uuid: () => randomUUID() },
    log: silentLog,
    environment: name => variables[name],
  })
const hex = (byte: number): string => Buffer.alloc(32, byte).toString('hex')
const secret = SecretBytes.from(Buffer.alloc(32, 9))

describe('the seal "static"', () => {
  it('gives back what it wrapped, and tells by which key', async () => {
    const keeper = await open({ current_key: hex(1), current_key_id: 'a' })
    const wrapped = await keeper.wrap(secret)
    expect(wrapped.keyId).toBe('a')
    expect((await keeper.unwrap(wrapped)).reveal()).toEqual(secret.reveal())
    expect(await keeper.wrap(secret)).not.toEqual(wrapped)
  })

  it('takes the same key as hexadecimal, base64, raw, from a file and from the environment', async () => {
    const key = randomBytes(32)
    const folder = await mkdtemp(join(tmpdir(), 'seal-'))
    await writeFile(join(folder, 'hex'), `${key.toString('hex')}\n`)
    await writeFile(join(folder, 'raw'), key)
    const wrapped = await (await open({ current_key: key.toString('hex'), current_key_id: 'a' })).wrap(secret)
    const given = [
      { current_key: key.toString('base64') },
      { current_key: `file://${folder}/hex` },
      { current_key: `file://${folder}/raw` },
      { current_key: 'env://KEY' },
      {},
    ]
    for (const options of given) {
      const keeper = await open(
        { ...options, current_key_id: 'a' },
        { KEY: key.toString('hex'), BAO_STATIC_SEAL_CURRENT_KEY: key.toString('hex') },
      )
      expect((await keeper.unwrap(wrapped)).reveal()).toEqual(secret.reveal())
    }
    await rm(folder, { recursive: true })
  })

  it('opens what lies under the key before, and wraps by the current one', async () => {
    const before = await (await open({ current_key: hex(1), current_key_id: 'a' })).wrap(secret)
    const keeper = await open({ current_key: hex(2), current_key_id: 'b', previous_key: hex(1), previous_key_id: 'a' })
    expect((await keeper.unwrap(before)).reveal()).toEqual(secret.reveal())
    expect((await keeper.wrap(secret)).keyId).toBe('b')
    const alone = await open({ current_key: hex(2), current_key_id: 'b' })
    await expect(alone.unwrap(before)).rejects.toThrow('unknown key id for data: `a`')
  })

  it('does not open what another key of the same name has wrapped', async () => {
    const wrapped = await (await open({ current_key: hex(1), current_key_id: 'a' })).wrap(secret)
    await expect((await open({ current_key: hex(2), current_key_id: 'a' })).unwrap(wrapped)).rejects.toThrow('key `a` does not open it')
  })

  it.each([
    [{ current_key_id: 'a' }, 'missing required current key'],
    [{ current_key: hex(1) }, 'got empty current_key_id; please specify a permanent identifier for this key'],
    [{ current_key: 'short', current_key_id: 'a' }, 'unknown encoding for AES-256 key: must be either a raw, hex, or base64-encoded'],
    [
      { current_key: 'file:///nowhere', current_key_id: 'a' },
      'error reading file at file:///nowhere: open /nowhere: no such file or directory',
    ],
    [{ current_key: 'env://NOPE', current_key_id: 'a' }, 'environment variable NOPE unset'],
    [{ current_key: hex(1), current_key_id: 'a', previous_key_id: 'b' }, 'got non-empty previous_key_id with empty previous_key'],
    [{ current_key: hex(1), current_key_id: 'a', previous_key: hex(2) }, 'got empty previous_key_id with non-empty previous_key'],
    [
      { current_key: hex(1), current_key_id: 'a', previous_key: hex(2), previous_key_id: 'a' },
      'current and previous key material differs with same key identifiers',
    ],
  ])('refuses %j in the field’s words', async (options, why) => {
    await expect(open(options as Record<string, string>)).rejects.toThrow(why)
  })
})
