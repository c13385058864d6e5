/**
 * Looks at a data file before LMDB maps it. LMDB trusts its pages: a truncated or damaged file ends the process with
 * SIGBUS or SIGSEGV, at once or months later, and a file of somebody else would be written into. So every page that the
 * newest snapshot reaches is read here once, with plain reads, and must make sense: this takes about a second a gigabyte.
 * Nothing is changed. What is in the values is not judged: that is the barrier's, which authenticates them.
 *
 * The format is that of LMDB's data version 2 as lmdb-js 3.5 builds it, little-endian, 64 bits:
 *
 *   page    number 8 | transaction 8 | pad 2 | flags 2 | lower 2, upper 2 (overflow: pages 4) | …
 *   meta    magic 4 | version 4 | address 8 | map size 8 | table × 2 (free pages, main) | last page 8 | transaction 8 | …
 *   table   page size or pad 4 | flags 2 | depth 2 | branch pages 8 | leaf pages 8 | overflow pages 8 | entries 8 | root 8
 *   node    low 2 | high 2 | flags 2 | key size 2 | key | data   (in a branch the first three are a page number)
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { StorageError } from '../index.ts'

const PAGE_HEAD = 24
const META_SIZE = 24 + 2 * 48 + 24
const MAGIC = 0xbeefc0de
const VERSION = 2
const NONE = 0xffff_ffff_ffff_ffffn

const BRANCH = 0x01
const LEAF = 0x02
const OVERFLOW = 0x04
const META = 0x08
/** Administration of a page that may be left on it: dirty overflow, loose, keep. */
const ADMINISTRATION = 0xe000

const BIG = 0x01
const TABLE = 0x02

interface Meta {
  readonly pageSize: number
  readonly roots: readonly [free: bigint, main: bigint]
  readonly depths: readonly [free: number, main: number]
  readonly lastPage: number
  readonly transaction: bigint
}

export interface Contents {
  /** Entries by table. Empty for a file that LMDB has only just begun. */
  readonly tables: ReadonlyMap<string, number>
}

/** What an intact file holds; undefined when there is none, or none yet. Throws `foreign` or `corrupt`. */
export function inspect(file: string): Contents | undefined {
  let fd: number
  try {
    fd = openSync(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new StorageError('failed', `cannot read ${file}`, { cause: error })
  }
  try {
    const stat = fstatSync(fd)
    if (!stat.isFile()) throw new StorageError('foreign', `${file} is not a file`)
    if (stat.size === 0) return undefined
    return new Inspection(file, fd, stat.size).contents()
  } finally {
    closeSync(fd)
  }
}

class Inspection {
  readonly #file: string
  readonly #fd: number
  readonly #size: number
  readonly #meta: Meta
  readonly #seen: Uint8Array
  readonly #tables = new Map<string, number>()

  constructor(file: string, fd: number, size: number) {
    this.#file = file
    this.#fd = fd
    this.#size = size
    const first = this.#readMeta(0)
    const second = this.#readMeta(first.pageSize)
    this.#meta = first.transaction >= second.transaction ? first : second
    this.#seen = new Uint8Array(Math.ceil((this.#meta.lastPage + 1) / 8))
  }

  contents(): Contents {
    const { roots, depths } = this.#meta
    this.#walk(roots[0], depths[0], false)
    this.#walk(roots[1], depths[1], true)
    return { tables: this.#tables }
  }

  #readMeta(at: number): Meta {
    const bytes = Buffer.alloc(PAGE_HEAD + META_SIZE)
    const read = readSync(this.#fd, bytes, 0, bytes.length, at)
    const meta = bytes.subarray(PAGE_HEAD)
    if (at === 0 && (read < PAGE_HEAD + 8 || meta.readUInt32LE(0) !== MAGIC)) {
      throw new StorageError('foreign', `${this.#file} is not a store of this kind`)
    }
    const version = meta.readUInt32LE(4) & 0xffff
    if (at === 0 && version !== VERSION) {
      throw new StorageError('foreign', `${this.#file} has LMDB's data format ${version}, expected ${VERSION}`)
    }
    this.#must(read === bytes.length, 'is cut off in its head')
    this.#must((bytes.readUInt16LE(18) & META) !== 0 && meta.readUInt32LE(0) === MAGIC && version === VERSION, 'has a damaged head')
    const pageSize = meta.readUInt32LE(24)
    this.#must(pageSize >= 512 && pageSize <= 65_536 && (pageSize & (pageSize - 1)) === 0, 'has a damaged head')
    const lastPage = Number(meta.readBigUInt64LE(120))
    this.#must(lastPage >= 1 && lastPage < 2 ** 40, 'has a damaged head')
    return {
      pageSize,
      lastPage,
      roots: [meta.readBigUInt64LE(24 + 40), meta.readBigUInt64LE(72 + 40)],
      depths: [meta.readUInt16LE(24 + 6), meta.readUInt16LE(72 + 6)],
      transaction: meta.readBigUInt64LE(128),
    }
  }

  /** Every page of a tree. `main`: its entries are tables, which are walked too. */
  #walk(root: bigint, depth: number, main: boolean): void {
    if (root === NONE) return
    const page = Buffer.allocUnsafe(this.#meta.pageSize)
    const todo: { readonly page: number; readonly level: number }[] = [{ page: this.#number(root), level: 1 }]
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      this.#readPage(next.page, page)
      const leaf = next.level === depth
      const flags = page.readUInt16LE(18) & ~ADMINISTRATION
      this.#must(flags === (leaf ? LEAF : BRANCH), 'has a page of the wrong kind', next.page)
      for (const node of this.#nodes(page, next.page, leaf)) {
        if (leaf) this.#leafNode(node, next.page, main)
        else todo.push({ page: this.#number(node.readBigUInt64LE(0) & 0xffff_ffff_ffffn), level: next.level + 1 })
      }
    }
  }

  #nodes(page: Buffer, at: number, leaf: boolean): readonly Buffer[] {
    const { pageSize } = this.#meta
    const lower = page.readUInt16LE(20)
    const upper = page.readUInt16LE(22)
    const count = lower >> 1
    this.#must((lower & 1) === 0 && lower <= upper && PAGE_HEAD + upper <= pageSize && count > 0, 'has a damaged page', at)
    const nodes: Buffer[] = []
    for (let index = 0; index < count; index++) {
      const offset = page.readUInt16LE(PAGE_HEAD + 2 * index)
      const from = PAGE_HEAD + offset
      this.#must(offset >= upper && from + 8 <= pageSize, 'has a damaged page', at)
      const keySize = page.readUInt16LE(from + 6)
      const big = (page.readUInt16LE(from + 4) & BIG) !== 0
      const data = leaf ? (big ? 24 : page.readUInt32LE(from)) : 0
      const to = from + 8 + keySize + data
      this.#must(to <= pageSize && (!leaf || keySize > 0), 'has a damaged page', at)
      nodes.push(page.subarray(from, to))
    }
    return nodes
  }

  #leafNode(node: Buffer, at: number, main: boolean): void {
    const flags = node.readUInt16LE(4)
    const keySize = node.readUInt16LE(6)
    const data = node.subarray(8 + keySize)
    this.#must((flags & ~(BIG | TABLE)) === 0 && (main || (flags & TABLE) === 0), 'has an entry of an unknown kind', at)
    if ((flags & BIG) !== 0) this.#overflow(data, node.readUInt32LE(0), at)
    if ((flags & TABLE) === 0) return
    this.#must(data.length === 48, 'has a damaged table', at)
    this.#tables.set(node.toString('utf8', 8, 8 + keySize).replace(/\0$/, ''), Number(data.readBigUInt64LE(32)))
    this.#walk(data.readBigUInt64LE(40), data.readUInt16LE(6), false)
  }

  #overflow(reference: Buffer, size: number, at: number): void {
    const { pageSize } = this.#meta
    const first = this.#number(reference.readBigUInt64LE(0))
    const head = Buffer.alloc(PAGE_HEAD)
    this.#readPage(first, head)
    const pages = head.readUInt32LE(20)
    this.#must((head.readUInt16LE(18) & ~ADMINISTRATION) === OVERFLOW, 'has a page of the wrong kind', first)
    this.#must(pages * pageSize >= PAGE_HEAD + size && first + pages - 1 <= this.#meta.lastPage, 'has a damaged value', at)
    this.#must((first + pages) * pageSize <= this.#size, 'is cut off', first)
  }

  #readPage(number: number, into: Buffer): void {
    const bit = 1 << (number & 7)
    this.#must(((this.#seen[number >> 3] as number) & bit) === 0, 'has a page in two places', number)
    this.#seen[number >> 3] = (this.#seen[number >> 3] as number) | bit
    const read = readSync(this.#fd, into, 0, into.length, number * this.#meta.pageSize)
    this.#must(read === into.length, 'is cut off', number)
    this.#must(into.readBigUInt64LE(0) === BigInt(number), 'has a damaged page', number)
    this.#must(into.readBigUInt64LE(8) <= this.#meta.transaction, 'has a page from a later time than itself', number)
  }

  #number(page: bigint): number {
    this.#must(page >= 2n && page <= BigInt(this.#meta.lastPage), 'refers to a page that it does not have')
    return Number(page)
  }

  #must(holds: boolean, what: string, page?: number): void {
    if (holds) return
    const where = page === undefined ? '' : ` (page ${page})`
    throw new StorageError('corrupt', `the store's file ${this.#file} ${what}${where}: restore it from a backup; it was not changed`)
  }
}
