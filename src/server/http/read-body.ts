import type { IncomingMessage } from 'node:http'
import { faults } from '../logical/index.ts'

const NOTHING = Buffer.alloc(0)

export const hasBody = (request: IncomingMessage): boolean => {
  const { headers } = request
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0'
}

/**
 * The whole body. More than the limit is refused when it is announced, or else when it has come, and is never held: nobody needs
 * to be known for sending it.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limit) return Promise.reject(faults.bodyTooLarge())
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size <= limit) chunks.push(chunk)
      else {
        chunks.length = 0
        reject(faults.bodyTooLarge())
      }
    })
    let whole = false
    request.on('end', () => {
      whole = true
      resolve(chunks.length === 1 ? (chunks[0] as Buffer) : chunks.length === 0 ? NOTHING : Buffer.concat(chunks))
    })
    // Whoever went away in the middle gets no answer, but what waits for the body must end.
    request.on('error', cause => reject(faults.refused({ why: 'error reading data' }, { cause })))
    request.on('close', () => {
      if (!whole) reject(faults.refused({ why: 'error reading data' }))
    })
  })
}
