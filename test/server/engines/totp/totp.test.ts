import { inflateSync } from 'node:zlib'
import * as fc from 'fast-check'
import { decodeQR } from 'qr/decode.js'
import { describe, expect, it } from 'vitest'
import { totp } from '../../../../src/server/engines/totp/index.ts'
import { codeOf, fromBase32, keyUri, readKeyUri, stepAt, toBase32, type Algorithm, type Key } from '../../../../src/server/totp/index.ts'
import { memoryView, type View } from '../../../../src/server/logical/index.ts'
import { Mounted, type Answer } from '../../../conformance/engine-replay.ts'
import { unsealedBarrier } from '../../barrier/fixture.ts'

const key = (secret: string, algorithm: Algorithm, digits: number): Key => ({
  issuer: 'Acme',
  accountName: 'ann',
  secret: Buffer.from(secret).toString('hex'),
  algorithm,
  digits,
  period: 30,
  skew: 1,
})
const dataOf = (answer: Answer): Readonly<Record<string, unknown>> =>
  (answer.reply as { readonly data: Readonly<Record<string, unknown>> }).data

describe('the codes of a key', () => {
  // RFC 6238, appendix B.
  const seeds = { SHA1: '12345678901234567890', SHA256: '12345678901234567890123456789012', SHA512: '1234567890'.repeat(7).slice(0, 64) }
  it.each([
    [59, '94287082', '46119246', '90693936'],
    [1_111_111_109, '07081804', '68084774', '25091201'],
    [1_111_111_111, '14050471', '67062674', '99943326'],
    [1_234_567_890, '89005924', '91819424', '93441116'],
    [2_000_000_000, '69279037', '90698825', '38618901'],
    [20_000_000_000, '65353130', '77737706', '47863826'],
  ])('are those of RFC 6238 at second %d', (second, sha1, sha256, sha512) => {
    const at = (algorithm: Algorithm): string => {
      const it = key(seeds[algorithm], algorithm, 8)
      return codeOf(it, stepAt(it, new Date(second * 1000)))
    }
    expect([at('SHA1'), at('SHA256'), at('SHA512')]).toEqual([sha1, sha256, sha512])
  })

  // RFC 4226, appendix D.
  it('are those of RFC 4226 for the first ten counters', () => {
    const codes = ['755224', '287082', '359152', '969429', '338314', '254676', '287922', '162583', '399871', '520489']
    expect(codes.map((_, step) => codeOf(key(seeds.SHA1, 'SHA1', 6), step))).toEqual(codes)
  })
})

describe('a code', () => {
  const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'
  async function withKey(settings: object = {}, view: View = memoryView()): Promise<Mounted> {
    const at = new Mounted(totp, {}, view)
    expect(await at.ask('write', 'keys/k', { key: SECRET, ...settings })).toMatchObject({ status: 204 })
    return at
  }
  const current = async (at: Mounted): Promise<string> => String(dataOf(await at.ask('read', 'code/k'))['code'])
  const isValid = async (at: Mounted, code: string): Promise<unknown> => dataOf(await at.ask('write', 'code/k', { code }))['valid']

  it('holds for its period and the ones beside it, and no longer', async () => {
    for (const [late, valid] of [
      [0, true],
      [30_000, true],
      [60_000, false],
    ] as const) {
      const at = await withKey()
      const code = await current(at)
      at.clock.advance(late)
      expect(await isValid(at, code)).toBe(valid)
    }
  })

  it('holds for its own period only where the key has no skew', async () => {
    const at = await withKey({ skew: 0 })
    const code = await current(at)
    at.clock.advance(30_000)
    expect(await isValid(at, code)).toBe(false)
    expect(await isValid(at, await current(at))).toBe(true)
  })

  it('is taken once, however many come at once, by another server over the same store, and after the key was written again', async () => {
    const { barrier } = await unsealedBarrier()
    const view = barrier.view('logical/totp/')
    const at = await withKey({}, view)
    const code = await current(at)
    const answers = await Promise.all(Array.from({ length: 8 }, () => at.ask('write', 'code/k', { code })))
    expect(answers.filter(it => it.status === 200)).toHaveLength(1)
    const used = { status: 400, reply: { errors: ['code already used; wait until the next time period'] } }
    expect(answers.filter(it => it.status !== 200)).toEqual(Array.from({ length: 7 }, () => used))
    const other = new Mounted(totp, {}, view)
    expect(await other.ask('write', 'code/k', { code })).toEqual(used)
    await other.ask('write', 'keys/k', { key: SECRET })
    expect(await other.ask('write', 'code/k', { code })).toEqual(used)
  })

  it('leaves no more behind than can be shown again', async () => {
    const at = await withKey()
    for (let i = 0; i < 10; i++) {
      expect(await isValid(at, await current(at))).toBe(true)
      at.clock.advance(30_000)
    }
    const stored = JSON.parse(Buffer.from((await at.view.get('key/k')) ?? []).toString()) as Key
    expect(stored.used?.length).toBeLessThanOrEqual(3)
  })
})

describe('base 32', () => {
  // RFC 4648, section 10.
  it.each([
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ])('writes "%s" as RFC 4648 does', (text, written) => {
    expect(toBase32(Buffer.from(text))).toBe(written)
  })

  it('reads what it writes, in either case, with or without padding', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), bytes => {
        const text = toBase32(bytes)
        const padded = text.padEnd(Math.ceil(text.length / 8) * 8, '=')
        for (const form of [text, text.toLowerCase(), padded]) expect(fromBase32(form)).toEqual({ bytes })
      }),
    )
  })
})

describe('the URI of a key', () => {
  it('is read back as it was written, whatever the names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ unit: 'grapheme', minLength: 1 }), (issuer, accountName) => {
        fc.pre(!/[&+]/.test(issuer) && !issuer.includes(':') && issuer.isWellFormed() && accountName.isWellFormed())
        const made = { ...key('12345678901234567890', 'SHA1', 6), issuer, accountName }
        expect(readKeyUri(keyUri(made))).toEqual({
          issuer,
          accountName,
          secret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ',
          algorithm: 'SHA1',
          digits: '6',
          period: '30',
        })
      }),
    )
  })
})

describe('a barcode', () => {
  it.each([60, 123, 200, 1001])('of %d pixels is a PNG that a reader of QR codes reads as the URI', async size => {
    const at = new Mounted(totp, {})
    const answer = await at.ask('write', 'keys/k', { generate: true, issuer: 'Acme', account_name: 'ann', qr_size: size })
    const png = Buffer.from(String(dataOf(answer)['barcode']), 'base64')
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size])
    const lines = inflateSync(png.subarray(png.indexOf('IDAT') + 4, png.length - 16))
    const stride = 1 + Math.ceil(size / 8)
    const [data, margin] = [Buffer.alloc((size + 40) ** 2 * 4, 255), 20]
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        if (((lines[y * stride + 1 + (x >> 3)] ?? 0) & (0x80 >> (x & 7))) !== 0) continue
        data.fill(0, ((y + margin) * (size + 40) + x + margin) * 4, ((y + margin) * (size + 40) + x + margin) * 4 + 3)
      }
    expect(decodeQR({ width: size + 40, height: size + 40, data })).toBe(dataOf(answer)['url'])
  })

  it('that could cost too much is refused', async () => {
    const at = new Mounted(totp, {})
    for (const [field, value] of [
      ['qr_size', 100_000],
      ['key_size', 1_000_000],
    ] as const)
      expect(await at.ask('write', 'keys/k', { generate: true, issuer: 'A', account_name: 'a', [field]: value })).toMatchObject({
        status: 400,
      })
  })
})
