import { describe, expect, it } from 'vitest'
import { cidrContains, formatCidr, parseAddress, parseCidr, type Cidr } from '../../src/kernel/index.ts'

const block = (text: string): Cidr => parseCidr(text) ?? parseAddress(text) ?? expect.unreachable(text)

describe('a CIDR block', () => {
  const shown: readonly (readonly [string, string])[] = [
    ['10.1.2.3/8', '10.1.2.3/8'],
    ['127.0.0.1/32', '127.0.0.1'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['::/0', '::/0'],
    ['::1', '::1'],
    ['2001:DB8:0:0:1::1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:0:0:0:0:0/32', '2001:db8::/32'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
  ]
  it.each(shown)('%s shows as %s', (text, expected) => expect(formatCidr(block(text))).toBe(expected))

  it.each([
    '',
    'x',
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '010.0.0.0/8',
    '256.0.0.0/8',
    '::/129',
    '1::2::3/64',
    ':::/1',
    '1:2:3:4:5:6:7::8/64',
    'fe80::1%eth0/64',
    '10.0.0.0/8/8',
    '1.2.3.4::/64',
    ' 10.0.0.0/8',
  ])('"%s" is none', text => expect(parseCidr(text)).toBeUndefined())

  const inside: readonly (readonly [outer: string, inner: string, is: boolean])[] = [
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0/8', false],
    ['10.1.0.0/16', '10.0.0.0/8', false],
    ['10.1.2.3/8', '10.9.9.9/32', true],
    ['0.0.0.0/0', '255.255.255.255', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '::1', true],
    ['2001:db8::/32', '2001:db8:1::/48', true],
    ['2001:db8::/33', '2001:db8:8000::/48', false],
    ['127.0.0.1', '127.0.0.1/32', true],
  ]
  it.each(inside)('%s contains %s: %s', (outer, inner, is) => expect(cidrContains(block(outer), block(inner))).toBe(is))
})
