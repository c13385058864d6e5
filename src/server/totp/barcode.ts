import { crc32, deflateSync } from 'node:zlib'
import { encodeQR } from 'qr'

export class BarcodeTooSmall extends Error {}

/**
 * A QR code (ISO/IEC 18004, error correction M) as a square PNG of so many pixels a side, each module a whole number of them and
 * the code in the middle.
 * @throws BarcodeTooSmall when it has more modules a side than pixels
 */
export function barcode(text: string, size: number): Uint8Array {
  // The library draws a border of one module at least.
  const modules = encodeQR(text, 'raw', { ecc: 'medium', border: 1 })
    .slice(1, -1)
    .map(row => row.slice(1, -1))
  const side = modules.length
  if (size < side) throw new BarcodeTooSmall(`can not scale barcode to an image smaller than ${side}x${side}`)
  const scale = Math.floor(size / side)
  const margin = Math.floor((size - side * scale) / 2)
  const stride = 1 + Math.ceil(size / 8)
  // One bit a pixel, 1 is white; each line begins with its filter, none.
  const lines = Buffer.alloc(stride * size, 0xff)
  for (let y = 0; y < size; y++) {
    lines[y * stride] = 0
    const row = modules[Math.floor((y - margin) / scale)]
    if (row === undefined) continue
    for (let x = 0; x < size; x++) {
      if (row[Math.floor((x - margin) / scale)] !== true) continue
      const at = y * stride + 1 + (x >> 3)
      lines[at] = (lines[at] as number) & ~(0x80 >> (x & 7))
    }
  }
  return png(size, lines)
}

/** W3C PNG, third edition: a header, the data, the end; greyscale of one bit. */
function png(size: number, lines: Buffer): Uint8Array {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(size, 0)
  header.writeUInt32BE(size, 4)
  header.set([1, 0, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', deflateSync(lines)), chunk('IEND', Buffer.alloc(0))])
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}
