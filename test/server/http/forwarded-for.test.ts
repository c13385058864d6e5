import { describe, expect, it } from 'vitest'
import { addressList, type ForwardedFor } from '../../../src/server/http/index.ts'
import { ask, serving } from './serving.ts'

const trusting: ForwardedFor = { authorizedAddrs: ['127.0.0.0/8'], hopSkips: 0, rejectNotPresent: true, rejectNotAuthorized: true }

/** The address that core sees, or the words of the refusal. */
async function seen(config: ForwardedFor | undefined, header: string | undefined): Promise<string> {
  const server = await serving({ handler: config === undefined ? {} : { forwardedFor: config } })
  const answer = await ask(server.port, { path: '/v1/a', headers: header === undefined ? {} : { 'X-Forwarded-For': header } })
  await server.close()
  return server.core.asked[0]?.remoteAddress ?? (JSON.parse(answer.body) as { errors: string[] }).errors.join()
}

describe('X-Forwarded-For', () => {
  const cases: readonly (readonly [name: string, config: ForwardedFor | undefined, header: string | undefined, seen: string])[] = [
    ['is nothing to a listener that was not told of proxies', undefined, '1.2.3.4', '127.0.0.1'],
    ['of a trusted proxy names the client', trusting, '1.2.3.4', '1.2.3.4'],
    ['names the last link of the chain, not what the client wrote in front', trusting, 'forged, 1.2.3.4', '1.2.3.4'],
    ['skips our own proxies at its end', { ...trusting, hopSkips: 1 }, '9.9.9.9, 1.2.3.4,5.6.7.8', '1.2.3.4'],
    [
      'is refused when there are fewer links than skips',
      { ...trusting, hopSkips: 1 },
      '1.2.3.4',
      'malformed x-forwarded-for configuration or request, hops to skip (1) would skip before earliest chain link (chain length 1)',
    ],
    ['is refused when it is absent', trusting, undefined, 'missing x-forwarded-for header and configured to reject when not present'],
    ['may be absent where that was said', { ...trusting, rejectNotPresent: false }, undefined, '127.0.0.1'],
    [
      'of a stranger is refused',
      { ...trusting, authorizedAddrs: ['10.0.0.0/8', '::1'] },
      '1.2.3.4',
      'client address not authorized for x-forwarded-for and configured to reject connection',
    ],
    [
      'of a stranger is passed over where that was said',
      { ...trusting, authorizedAddrs: ['10.0.0.1'], rejectNotAuthorized: false },
      '1.2.3.4',
      '127.0.0.1',
    ],
  ]
  for (const [name, config, header, address] of cases)
    it(name, async () => {
      expect(await seen(config, header)).toBe(address)
    })
})

describe('a list of addresses', () => {
  it('takes addresses and blocks of both families', () => {
    const list = addressList(['10.0.0.0/8', '192.0.2.1', '2001:db8::/32', '::1'])
    expect(['10.255.0.1', '192.0.2.1', '192.0.2.2', '11.0.0.1'].map(it => list.check(it))).toEqual([true, true, false, false])
    expect(['2001:db8::5', '::1', '::2'].map(it => list.check(it, 'ipv6'))).toEqual([true, true, false])
  })

  it('refuses what is neither', () => {
    for (const entry of ['', 'host', '10.0.0.0/33', '10.0.0.0/x', '1.2.3', '::1/129'])
      expect(() => addressList([entry])).toThrow(RangeError)
  })
})
