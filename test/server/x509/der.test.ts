import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bitString, integer, octetString, oid, sequence, TAG, time } from '../../../src/server/x509/der.ts'
import { DerError, readInteger, Reader, readOid, readTime, whole } from '../../../src/server/x509/der-reader.ts'
import { addressBytes, Certificate, CertificateRequest, RevocationList } from '../../../src/server/x509/index.ts'

describe('DER', () => {
  it('reads back whole numbers, identifiers, times and texts of any length', () => {
    fc.assert(fc.property(fc.bigInt({ min: -(1n << 200n), max: 1n << 200n }), it => readInteger(whole(integer(it), TAG.integer)) === it))
    fc.assert(
      fc.property(fc.array(fc.bigInt({ min: 0n, max: 1n << 70n }), { minLength: 1, maxLength: 8 }), parts => {
        const dotted = ['2', ...parts].join('.')
        return readOid(whole(oid(dotted), TAG.oid)) === dotted
      }),
    )
    fc.assert(
      fc.property(fc.date({ min: new Date('1950-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }), it => {
        const second = new Date(Math.floor(it.getTime() / 1000) * 1000)
        return readTime(whole(time(second))).getTime() === second.getTime()
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), it => whole(octetString(it), TAG.octetString).content.equals(it)),
      { numRuns: 20 },
    )
  })

  it.each([
    ['a length of unknown end', '3080020100'],
    ['a length in more bytes than it needs', '308103020100'],
    ['a length beyond the end', '3005020100'],
    ['bytes behind the end', '300302010000'],
    ['an integer in more bytes than it needs', '30040202000100'],
    ['nothing', ''],
    ['a tag alone', '30'],
  ])('is refused with %s', (_, hex) => {
    const read = (): void => {
      const inner = new Reader(whole(Buffer.from(hex, 'hex'), TAG.sequence).content)
      readInteger(inner.read(TAG.integer))
      inner.end()
    }
    expect(read).toThrow(DerError)
  })

  it('never fails otherwise than by saying that it is malformed', () => {
    const seed = sequence(integer(1), sequence(oid('1.2.3')), bitString(Buffer.from('00', 'hex')))
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.nat(seed.length - 1).map(at => seed.subarray(0, at)),
        ),
        bytes => {
          for (const read of [it => new Certificate(it), it => new CertificateRequest(it), it => new RevocationList(it)] as readonly ((
            bytes: Uint8Array,
          ) => unknown)[]) {
            try {
              read(bytes)
            } catch (cause) {
              if (!(cause instanceof DerError)) throw cause
            }
          }
        },
      ),
    )
  })
})

describe('addresses', () => {
  it.each([
    ['10.0.0.1', '0a000001'],
    ['::', '0'.repeat(32)],
    ['::1', `${'0'.repeat(31)}1`],
    ['fd00::1:2', 'fd000000000000000000000000010002'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::ffff:10.0.0.1', '0a000001'],
  ])('%s', (text, hex) => {
    expect(addressBytes(text).toString('hex')).toBe(hex)
  })
  it.each(['', 'x', '10.0.0', '1:2', ':::', '10.0.0.1/8'])('%j is none', text => {
    expect(() => addressBytes(text)).toThrow(DerError)
  })
})
