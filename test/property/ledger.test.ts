import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodePart,
  encodePart,
  LedgerUnreadable,
  newLedger,
  saveLedger,
  splitLedger,
  type LedgerPart,
} from '../../src/reconciler/ledger/index.ts'
import { parseAddress, type Address, type LedgerEntry } from '../../src/reconciler/model/index.ts'
import { FakeTarget } from '../reconciler/harness/fake-target.ts'

const word = fc
  .string({ unit: fc.constantFrom('a', 'b', 'X', 'Z', '0', '9', '.', '_', '-', '%', '@', ':', 'é', ' ', '🔑'), minLength: 1, maxLength: 8 })
  .filter(it => it.trim() !== '' && !/^\.\.?$/.test(it))
const path = fc.array(word, { minLength: 1, maxLength: 4 }).map(it => it.join('/'))
const address = fc
  .tuple(fc.constantFrom('policy', 'auth', 'engine'), path, fc.boolean())
  .map(([kind, rest, isMount]) => parseAddress(`${kind}/${rest}${isMount && kind !== 'policy' ? '/' : ''}`))
  .filter(it => it !== undefined)

const digest = fc.string({ unit: fc.constantFrom('a', 'b', 'X', 'Z', '0', '9', '-', '_'), minLength: 22, maxLength: 22 })
const entry: fc.Arbitrary<LedgerEntry> = fc.oneof(
  fc.record({ origin: fc.constant('creating' as const) }),
  fc.record({ origin: fc.constantFrom('created' as const, 'adopted' as const), applied: digest as fc.Arbitrary<never> }),
)
const entries = fc.array(fc.tuple(address, entry), { maxLength: 40 }).map(it => new Map<Address, LedgerEntry>(it))

const part: fc.Arbitrary<LedgerPart> = fc
  .tuple(
    entries,
    fc.integer({ min: 1, max: 64 }),
    fc.option(fc.constantFrom('git.example/acme/vault', 'git.example/ü r'), { nil: undefined }),
    fc.option(fc.string({ unit: fc.constantFrom('0', '1', '9', 'a', 'f'), minLength: 40, maxLength: 40 }), { nil: undefined }),
  )
  .map(([all, count, repository, commit]) => ({
    owner: 'some-owner',
    index: count - 1,
    count,
    entries: all,
    ...(repository === undefined ? {} : { repository }),
    ...(commit === undefined ? {} : { commit }),
  }))

const inOrder = (all: ReadonlyMap<Address, LedgerEntry>): readonly (readonly [Address, LedgerEntry])[] =>
  [...all].sort(([a], [b]) => (a < b ? -1 : 1))

describe('the format of the ledger', () => {
  it('gives back what was written', () => {
    fc.assert(
      fc.property(part, it => {
        const read = decodePart(encodePart(it), 'x')
        expect(inOrder(read.entries)).toEqual(inOrder(it.entries))
        expect({ ...read, entries: 0 }).toEqual({ ...it, entries: 0 })
      }),
    )
  })

  it('is a policy of comments, one line an object, whatever the objects are called', () => {
    fc.assert(
      fc.property(part, it => {
        const lines = encodePart(it).trimEnd().split('\n')
        expect(lines.every(line => /^# [^\p{Cc}]+$/u.test(line))).toBe(true)
        expect(lines.filter(line => /^# (created|creating|adopted) /.test(line))).toHaveLength(it.entries.size)
      }),
    )
  })

  it('is the same text for the same entries in any order', () => {
    fc.assert(
      fc.property(part, it => {
        expect(encodePart({ ...it, entries: new Map([...it.entries].reverse()) })).toBe(encodePart(it))
      }),
    )
  })

  it('refuses a text that was changed anywhere, and never takes it for less', () => {
    fc.assert(
      fc.property(part, fc.nat(), fc.constantFrom('x', ' ', '#', '\n', ''), (it, at, by) => {
        const text = encodePart(it)
        const where = at % text.length
        const changed = text.slice(0, where) + by + text.slice(where + 1)
        // Line ends at the end mean nothing; everything else does.
        fc.pre(changed.trimEnd() !== text.trimEnd())
        expect(() => decodePart(changed, 'x')).toThrow(LedgerUnreadable)
      }),
    )
  })

  it('refuses any other text with a reason, and nothing else', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        expect(() => decodePart(text, 'x')).toThrow(LedgerUnreadable)
      }),
    )
  })

  it('is split into parts that are short enough and together whole', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 300, max: 2000 }), (all, longest) => {
        const texts = splitLedger({ owner: 'some-owner', entries: all }, 1, longest)
        const parts = texts.map((text, i) => decodePart(text, String(i)))
        expect(parts.every((it, i) => it.index === i && it.count === parts.length)).toBe(true)
        expect(texts.every((text, i) => text.length <= longest || (parts[i]?.entries.size ?? 0) <= 1)).toBe(true)
        expect(inOrder(new Map(parts.flatMap(it => [...it.entries])))).toEqual(inOrder(all))
      }),
    )
  })

  it('is on the target what it is in memory, however it is changed', async () => {
    const changes = fc.array(fc.array(fc.tuple(address, fc.option(entry, { nil: undefined })), { minLength: 1, maxLength: 10 }), {
      maxLength: 6,
    })
    await fc.assert(
      fc.asyncProperty(changes, fc.boolean(), async (all, isOpenBao) => {
        const target = new FakeTarget({ isOpenBao })
        const expected = new Map<Address, LedgerEntry>()
        let stored = newLedger('some-owner')
        for (const change of all) {
          const edits = new Map(change.map(([it, to]) => [it, () => to]))
          stored = await saveLedger(target, stored, { entries: edits }, { compareAndSet: isOpenBao, longest: 800 })
          for (const [it, edit] of edits) {
            const to = edit()
            if (to === undefined) expected.delete(it)
            else expected.set(it, to)
          }
        }
        const texts = [...target.policies].filter(([name]) => name.startsWith('lockstep/'))
        expect(inOrder(new Map(texts.flatMap(([name, { text }]) => [...decodePart(text, name).entries])))).toEqual(inOrder(expected))
      }),
      { numRuns: 50 },
    )
  })
})
