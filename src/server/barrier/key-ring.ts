/**
 * The key ring: every key that records were ever encrypted with, one a term, and the root key that it lies under itself.
 * Its stored form, before encryption:
 *
 *     format, 1 byte | then for each term: term, 4 bytes | installed, 8 bytes of milliseconds | encryptions, 8 bytes | key, 32 bytes
 *
 * all big-endian, terms ascending. Binary and not JSON, so that no key is ever a string, which cannot be wiped.
 *
 * Keys are KeyObjects, made once: a Buffer key costs four times as much a record. OpenSSL clears their memory when they
 * are collected; nothing here can do it sooner, so `forget` drops them all.
 */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { invariant, type Random } from '../../kernel/index.ts'
import { faults } from '../logical/index.ts'
import type { KeyTermInfo } from './barrier.ts'
import type { NoncePool } from './nonce-pool.ts'
import { decrypt, encrypt, termOf } from './record.ts'

export const keyLength = 32
export const keyRingPath = 'core/keyring'

/** The term that a stored key ring names: it is under the root key, which has none. */
const ROOT_TERM = 0
const FORMAT = 1
const ENTRY = 4 + 8 + 8 + keyLength

interface Term {
  readonly term: number
  readonly installTime: Date
  readonly key: KeyObject
  encryptions: number
}

export class KeyRing {
  readonly #nonces: NoncePool
  readonly #terms: Map<number, Term>
  #active: Term
  #root: KeyObject
  /** Encryptions since the counts were last written down. */
  uncounted = 0

  private constructor(nonces: NoncePool, root: KeyObject, terms: readonly Term[]) {
    const last = terms.at(-1)
    invariant(last, 'a key ring has a term')
    this.#nonces = nonces
    this.#root = root
    this.#terms = new Map(terms.map(it => [it.term, it]))
    this.#active = last
  }

  static create(nonces: NoncePool, random: Random, root: KeyObject, now: Date): KeyRing {
    return new KeyRing(nonces, root, [newTerm(random, 1, now)])
  }

  /** Throws the fault `barrierRootKeyWrong` when the record does not open, `recordUnreadable` when it cannot be a key ring. */
  static open(nonces: NoncePool, root: KeyObject, record: Uint8Array): KeyRing {
    if (termOf(record) !== ROOT_TERM) throw faults.recordUnreadable()
    let plain: Buffer
    try {
      plain = decrypt(root, keyRingPath, record)
    } catch (cause) {
      throw faults.barrierRootKeyWrong({ cause })
    }
    try {
      return new KeyRing(nonces, root, decode(plain))
    } finally {
      plain.fill(0)
    }
  }

  /** The ring as it is stored, with a further term or under another root key if asked for. */
  sealed(change: { readonly add?: Term; readonly root?: KeyObject } = {}): Buffer {
    const plain = encode(change.add ? [...this.#terms.values(), change.add] : [...this.#terms.values()])
    try {
      return encrypt(change.root ?? this.#root, ROOT_TERM, this.#nonces.next(), keyRingPath, plain)
    } finally {
      plain.fill(0)
    }
  }

  /** A term behind the last one, not yet in the ring. */
  nextTerm(random: Random, now: Date): Term {
    return newTerm(random, this.#active.term + 1, now)
  }

  adopt(change: { readonly add?: Term; readonly root?: KeyObject }): void {
    if (change.add) {
      this.#terms.set(change.add.term, change.add)
      this.#active = change.add
    }
    if (change.root) this.#root = change.root
  }

  encrypt(path: string, plain: Uint8Array): Buffer {
    const active = this.#active
    active.encryptions++
    this.uncounted++
    return encrypt(active.key, active.term, this.#nonces.next(), path, plain)
  }

  decrypt(path: string, record: Uint8Array): Buffer {
    const term = this.#terms.get(termOf(record))
    if (term === undefined) throw faults.recordUnreadable()
    return decrypt(term.key, path, record)
  }

  info(): KeyTermInfo {
    const { term, installTime, encryptions } = this.#active
    return { term, installTime, encryptions }
  }
}

/** A KeyObject from bytes that are wiped as soon as OpenSSL has its copy. */
function keyFrom(bytes: Uint8Array): KeyObject {
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

function newTerm(random: Random, term: number, now: Date): Term {
  return { term, installTime: now, encryptions: 0, key: keyFrom(random.bytes(keyLength)) }
}

function encode(terms: readonly Term[]): Buffer {
  const plain = Buffer.alloc(1 + terms.length * ENTRY)
  plain[0] = FORMAT
  for (const [index, { term, installTime, encryptions, key }] of terms.entries()) {
    const at = 1 + index * ENTRY
    plain.writeUInt32BE(term, at)
    plain.writeBigUInt64BE(BigInt(installTime.getTime()), at + 4)
    plain.writeBigUInt64BE(BigInt(encryptions), at + 12)
    const bytes = key.export()
    plain.set(bytes, at + 20)
    bytes.fill(0)
  }
  return plain
}

function decode(plain: Buffer): readonly Term[] {
  const count = (plain.length - 1) / ENTRY
  if (plain[0] !== FORMAT || !Number.isInteger(count) || count < 1) throw faults.recordUnreadable()
  const terms: Term[] = []
  for (let at = 1; at < plain.length; at += ENTRY) {
    const term = plain.readUInt32BE(at)
    if (term <= (terms.at(-1)?.term ?? ROOT_TERM)) throw faults.recordUnreadable()
    terms.push({
      term,
      installTime: new Date(Number(plain.readBigUInt64BE(at + 4))),
      encryptions: Number(plain.readBigUInt64BE(at + 12)),
      key: createSecretKey(plain.subarray(at + 20, at + ENTRY)),
    })
  }
  return terms
}
