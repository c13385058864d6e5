/** IP addresses and CIDR blocks (RFC 4632, RFC 4291), as values that can be compared. */
export interface Cidr {
  readonly family: 4 | 6
  /** As written: bits behind the prefix may be set. */
  readonly address: bigint
  readonly bits: number
}

const WIDTH = { 4: 32, 6: 128 } as const

/** An address alone. A mapped one (`::ffff:10.0.0.1`) is the IPv4 address that it stands for. */
export function parseAddress(text: string): Cidr | undefined {
  const v4 = parseIpv4(text)
  if (v4 !== undefined) return { family: 4, address: v4, bits: 32 }
  const v6 = parseIpv6(text)
  if (v6 === undefined) return undefined
  return v6 >> 32n === 0xffffn ? { family: 4, address: v6 & 0xffffffffn, bits: 32 } : { family: 6, address: v6, bits: 128 }
}

/** A block, with its prefix length. */
export function parseCidr(text: string): Cidr | undefined {
  const slash = text.indexOf('/')
  if (slash < 0) return undefined
  const [address, length] = [text.slice(0, slash), text.slice(slash + 1)]
  const v4 = parseIpv4(address)
  const v6 = v4 === undefined ? parseIpv6(address) : undefined
  if ((v4 === undefined && v6 === undefined) || !/^\d{1,3}$/.test(length)) return undefined
  const family = v4 === undefined ? 6 : 4
  const bits = Number(length)
  return bits > WIDTH[family] ? undefined : { family, address: (v4 ?? v6) as bigint, bits }
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  let value = 0n
  for (const part of parts) {
    // A leading zero is refused: some read such a part as octal.
    if (!/^(?:0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return undefined
    value = (value << 8n) | BigInt(part)
  }
  return value
}

function parseIpv6(text: string): bigint | undefined {
  const gap = text.indexOf('::')
  if (gap >= 0 && text.includes('::', gap + 1)) return undefined
  const before = groups(gap < 0 ? text : text.slice(0, gap), gap < 0)
  const behind = groups(gap < 0 ? '' : text.slice(gap + 2), true)
  if (before === undefined || behind === undefined) return undefined
  const missing = 8 - before.length - behind.length
  if (gap < 0 ? missing !== 0 : missing < 1) return undefined
  return [...before, ...Array.from({ length: missing }, () => 0), ...behind].reduce((sum, group) => (sum << 16n) | BigInt(group), 0n)
}

/** The 16-bit groups of a part; the last two may be written as an IPv4 address. */
function groups(text: string, mayEndInIpv4: boolean): readonly number[] | undefined {
  if (text === '') return []
  const parts = text.split(':')
  const out: number[] = []
  for (const [i, part] of parts.entries()) {
    if (mayEndInIpv4 && i === parts.length - 1 && part.includes('.')) {
      const v4 = parseIpv4(part)
      if (v4 === undefined) return undefined
      out.push(Number(v4 >> 16n), Number(v4 & 0xffffn))
    } else if (/^[\da-fA-F]{1,4}$/.test(part)) out.push(Number.parseInt(part, 16))
    else return undefined
  }
  return out
}

/** Whether every address of `inner` is one of `outer`. */
export function cidrContains(outer: Cidr, inner: Cidr): boolean {
  if (outer.family !== inner.family || inner.bits < outer.bits) return false
  const shift = BigInt(WIDTH[outer.family] - outer.bits)
  return outer.address >> shift === inner.address >> shift
}

/** As the API shows it: the shortest form (RFC 5952), without the length where it is the whole width. */
export function formatCidr({ family, address, bits }: Cidr): string {
  const text = family === 4 ? formatIpv4(address) : formatIpv6(address)
  return bits === WIDTH[family] ? text : `${text}/${bits}`
}

const formatIpv4 = (address: bigint): string => [24n, 16n, 8n, 0n].map(shift => (address >> shift) & 0xffn).join('.')

function formatIpv6(address: bigint): string {
  const parts = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 0xffffn).toString(16))
  // The longest run of two or more zeros, the first of several.
  let [start, longest] = [-1, 1]
  for (let i = 0; i < 8; i++) {
    let end = i
    while (parts[end] === '0') end++
    if (end - i > longest) [start, longest] = [i, end - i]
  }
  return start < 0 ? parts.join(':') : `${parts.slice(0, start).join(':')}::${parts.slice(start + longest).join(':')}`
}
