import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { constants, createGunzip, createGzip } from 'node:zlib'
import type { Storage } from '../storage/index.ts'
import { SnapshotUnreadable } from './error.ts'
import { partsOf, recordsIn, type Stored } from './records.ts'
import { readTar, tarEnd, tarMember } from './tar.ts'

const FORMAT = 'lockstep-snapshot'

/** What an archive says of itself. */
export interface SnapshotFacts {
  /** The type of the store that it was taken of. */
  readonly storage: string
  /** RFC 3339. */
  readonly taken: string
  readonly records: number
  readonly bytes: number
}

/** What was read of an archive; its checksums are right, but who made them is not told. */
export interface Snapshot {
  readonly facts: SnapshotFacts
  readonly records: readonly Stored[]
  readonly sums: Buffer
  /** The checksums, as a barrier has vouched for them. */
  readonly sealed: Buffer
}

const sum = (name: string, body: Uint8Array): string => `${createHash('sha256').update(body).digest('hex')}  ${name}\n`

/** The whole store as it is now, as a compressed archive. `vouch`: the barrier's word for the checksums. */
export function takeSnapshot(storage: Storage, at: Date, vouch: (sums: Buffer) => Buffer): AsyncIterable<Uint8Array> {
  async function* members(): AsyncGenerator<Uint8Array> {
    let sums = ''
    const add = function* (name: string, body: Uint8Array): Generator<Uint8Array> {
      if (!name.startsWith('SHA256SUMS')) sums += sum(name, body)
      yield* tarMember(name, body, at)
    }
    let [parts, records, size] = [0, 0, 0]
    for await (const { body, count } of partsOf(storage.records())) {
      yield* add(`state/${String(parts++).padStart(8, '0')}.bin`, body)
      records += count
      size += body.length
    }
    const meta = { Version: 1, ID: FORMAT, Storage: storage.type, Taken: at.toISOString(), Parts: parts, Records: records, Size: size }
    yield* add('meta.json', Buffer.from(`${JSON.stringify(meta)}\n`))
    const all = Buffer.from(sums)
    yield* add('SHA256SUMS', all)
    yield* add('SHA256SUMS.sealed', vouch(all))
    yield tarEnd
  }
  // Ciphertext does not shrink; the form is what the field's tools expect.
  const zip = createGzip({ level: constants.Z_BEST_SPEED })
  const from = Readable.from(members(), { objectMode: false })
  from.on('error', cause => zip.destroy(cause))
  zip.on('close', () => from.destroy())
  return from.pipe(zip)
}

/** Reads an archive to its end and checks it. Rejects with SnapshotUnreadable. */
export async function readSnapshot(body: AsyncIterable<Uint8Array>): Promise<Snapshot> {
  const records: Stored[] = []
  let sums = ''
  const ends = new Map<string, Buffer>()
  for await (const { name, body: bytes } of readTar(unzipped(body))) {
    if (name.startsWith('SHA256SUMS')) ends.set(name, Buffer.from(bytes))
    else sums += sum(name, bytes)
    if (name === 'meta.json') ends.set(name, Buffer.from(bytes))
    else if (/^state\/\d{8}\.bin$/.test(name)) records.push(...recordsIn(Buffer.from(bytes)))
  }
  const facts = factsOf(ends.get('meta.json'))
  if (facts === undefined) throw new SnapshotUnreadable('it is no snapshot of Lockstep: those of other servers have another format')
  const [listed, sealed] = [ends.get('SHA256SUMS'), ends.get('SHA256SUMS.sealed')]
  if (listed === undefined || sealed === undefined) throw new SnapshotUnreadable('it has no checksums')
  if (listed.toString() !== sums) throw new SnapshotUnreadable('it does not have the checksums that it lists')
  return { facts, records, sums: listed, sealed }
}

/** Undefined: it is no archive of ours. */
function factsOf(meta: Buffer | undefined): SnapshotFacts | undefined {
  try {
    const it = JSON.parse(meta?.toString() ?? '{}') as Readonly<Record<string, unknown>>
    if (it['ID'] !== FORMAT || it['Version'] !== 1) return undefined
    return { storage: String(it['Storage']), taken: String(it['Taken']), records: Number(it['Records']), bytes: Number(it['Size']) }
  } catch {
    return undefined
  }
}

async function* unzipped(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const unzip = createGunzip()
  const from = Readable.from(body, { objectMode: false })
  from.on('error', cause => unzip.destroy(cause))
  try {
    for await (const chunk of from.pipe(unzip)) yield chunk as Buffer
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException
    if (code === undefined || !code.startsWith('Z_')) throw cause
    const why = message === 'unexpected end of file' ? 'unexpected EOF' : 'gzip: invalid header'
    throw new SnapshotUnreadable(`failed to decompress snapshot: ${why}`, { cause })
  } finally {
    from.destroy()
  }
}
