/** Whether an address lies in one of some CIDR blocks, of either family. */
import { BlockList, isIP } from 'node:net'

const lists = new Map<string, BlockList>()

export function addressIn(address: string, blocks: readonly string[]): boolean {
  const key = blocks.join(',')
  let list = lists.get(key)
  if (list === undefined) {
    list = new BlockList()
    for (const block of blocks) {
      const [net = '', bits] = block.split('/')
      const family = isIP(net) === 6 ? 'ipv6' : 'ipv4'
      if (isIP(net) === 0) continue
      list.addSubnet(net, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
    }
    if (lists.size > 4096) lists.clear()
    lists.set(key, list)
  }
  // An IPv4 caller of a dual-stack listener shows as ::ffff:a.b.c.d.
  const plain = address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4')
}
