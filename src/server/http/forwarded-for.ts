import { BlockList, isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'
import { faults } from '../logical/index.ts'

/** Which proxies may say who they speak for, and what becomes of everybody else. */
export interface ForwardedFor {
  /** Addresses and CIDR blocks of the proxies. */
  readonly authorizedAddrs: readonly string[]
  /** How many links at the end of the chain are our own proxies. */
  readonly hopSkips: number
  readonly rejectNotPresent: boolean
  readonly rejectNotAuthorized: boolean
}

/** The address that a request counts as coming from, given the one that its connection comes from. */
export type AddressOf = (request: IncomingMessage, peer: string) => string

const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '')

export const directAddress: AddressOf = (_request, peer) => unmapped(peer)

/** @throws RangeError for what is no address and no block */
export function addressList(entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/')
    const version = isIP(address)
    const width = version === 4 ? 32 : 128
    if (version === 0 || (bits !== undefined && !(/^\d+$/.test(bits) && Number(bits) <= width)))
      throw new RangeError(`"${entry}" is no IP address and no CIDR block`)
    list.addSubnet(address, Number(bits ?? width), version === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

export function forwardedAddress(config: ForwardedFor): AddressOf {
  const authorized = addressList(config.authorizedAddrs)
  return (request, peer) => {
    const own = unmapped(peer)
    const chains = request.headersDistinct['x-forwarded-for']
    if (chains === undefined) {
      if (config.rejectNotPresent) throw faults.refused({ why: 'missing x-forwarded-for header and configured to reject when not present' })
      return own
    }
    const version = isIP(own)
    if (version === 0 || !authorized.check(own, version === 4 ? 'ipv4' : 'ipv6')) {
      if (config.rejectNotAuthorized)
        throw faults.refused({ why: 'client address not authorized for x-forwarded-for and configured to reject connection' })
      return own
    }
    const links = chains.flatMap(it => it.split(',')).map(it => it.trim())
    const link = links[links.length - 1 - config.hopSkips]
    if (link === undefined)
      throw faults.refused({
        why: `malformed x-forwarded-for configuration or request, hops to skip (${config.hopSkips}) would skip before earliest chain link (chain length ${chains.length})`,
      })
    return link
  }
}
