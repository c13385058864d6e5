import { describe, expect, it } from 'vitest'
import { loadLedger, newLedger, saveLedger, storedLedgers, type StoredLedger } from '../../../src/reconciler/ledger/index.ts'
import { policyAddress, type Address, type LedgerChange, type LedgerEdit } from '../../../src/reconciler/model/index.ts'
import { FakeTarget } from '../harness/fake-target.ts'

const created: LedgerEdit = () => ({ origin: 'created' })
const change = (...names: readonly string[]): LedgerChange => ({ entries: new Map(names.map(name => [policyAddress(name), created])) })
const addresses = ({ ledger }: StoredLedger): readonly Address[] => [...ledger.entries.keys()].sort()
const partsOn = (target: FakeTarget): readonly string[] => [...target.policies.keys()].filter(it => it.startsWith('lockstep/')).sort()

describe('a ledger on a target', () => {
  it('is one policy of comments, which grants nothing', async () => {
    const target = new FakeTarget()
    await saveLedger(target, newLedger('a'), change('x'), { compareAndSet: true })
    expect(partsOn(target)).toEqual(['lockstep/ledger/a/1.0'])
    const text = target.policies.get('lockstep/ledger/a/1.0')?.text ?? ''
    expect(text.split('\n').filter(line => line !== '' && !line.startsWith('#'))).toEqual([])
  })

  it.each([true, false])('loses nothing when two write at once (compare-and-set: %s)', async compareAndSet => {
    const target = new FakeTarget({ isOpenBao: compareAndSet })
    const start = await saveLedger(target, newLedger('a'), change('first'), { compareAndSet })
    // Both start from what they have read; the second has not seen what the first wrote.
    await saveLedger(target, start, change('one'), { compareAndSet })
    const last = await saveLedger(target, compareAndSet ? start : await loadLedger(target, 'a'), change('two'), { compareAndSet })
    expect(addresses(last)).toEqual(['policy/first', 'policy/one', 'policy/two'])
    expect(addresses(await loadLedger(target, 'a'))).toEqual(addresses(last))
  })

  it('gives way to one that is faster, and merges', async () => {
    const target = new FakeTarget()
    const start = await saveLedger(target, newLedger('a'), change('first'), { compareAndSet: true })
    let isFirst = true
    target.before = request => {
      if (!isFirst || request !== 'POST sys/policies/acl/lockstep/ledger/a/1.0') return
      isFirst = false
      const other = target.policies.get('lockstep/ledger/a/1.0')
      target.policies.set('lockstep/ledger/a/1.0', { text: other?.text ?? '', version: 5 })
    }
    const saved = await saveLedger(target, start, change('mine'), { compareAndSet: true })
    expect(addresses(saved)).toEqual(['policy/first', 'policy/mine'])
    expect(target.policies.get('lockstep/ledger/a/1.0')?.version).toBe(6)
  })

  it('is split before it grows too long, and the old parts go last', async () => {
    const target = new FakeTarget()
    let stored = newLedger('a')
    for (let i = 0; i < 40; i++) stored = await saveLedger(target, stored, change(`p${i}`), { compareAndSet: true, longest: 600 })
    expect(stored.count).toBeGreaterThanOrEqual(4)
    expect(partsOn(target)).toHaveLength(stored.count)
    expect(addresses(await loadLedger(target, 'a'))).toHaveLength(40)
    expect(Math.max(...[...target.policies.values()].map(it => it.text.length))).toBeLessThanOrEqual(600)
  })

  it('is read from whichever split is whole, when somebody died between two', async () => {
    const target = new FakeTarget()
    const one = await saveLedger(target, newLedger('a'), change('x', 'y', 'z'), { compareAndSet: true })
    const texts = new Map([...target.policies].map(([name, { text, version }]) => [name, { text, version }]))
    const two = new FakeTarget()
    await saveLedger(two, newLedger('a'), change('x', 'y', 'z'), { compareAndSet: true, longest: 200 })
    const [half] = [...two.policies].filter(([name]) => name.startsWith('lockstep/'))
    texts.set(half?.[0] ?? '', half?.[1] ?? { text: '', version: 1 })
    const stored = storedLedgers(texts).get('a')
    expect(stored?.count).toBe(1)
    expect(stored?.stale).toEqual([half?.[0]])
    expect(stored === undefined ? [] : addresses(stored)).toEqual(addresses(one))
  })

  it('that was edited by hand stops everything, and is not taken for an empty one', async () => {
    const target = new FakeTarget()
    await saveLedger(target, newLedger('a'), change('x', 'y'), { compareAndSet: true })
    const part = target.policies.get('lockstep/ledger/a/1.0')
    target.policies.set('lockstep/ledger/a/1.0', { text: (part?.text ?? '').replace('# created policy/x\n', ''), version: 2 })
    await expect(loadLedger(target, 'a')).rejects.toThrow('it was changed or cut, its sum does not fit')
    target.policies.set('lockstep/ledger/a/1.0', { text: '# lockstep ledger 2\n', version: 3 })
    await expect(loadLedger(target, 'a')).rejects.toThrow('it was written by another version')
  })

  it('of one owner is nobody else’s', async () => {
    const target = new FakeTarget()
    await saveLedger(target, newLedger('a'), change('x'), { compareAndSet: true })
    await saveLedger(target, newLedger('b'), change('y'), { compareAndSet: true })
    expect(addresses(await loadLedger(target, 'a'))).toEqual(['policy/x'])
    expect(addresses(await loadLedger(target, 'b'))).toEqual(['policy/y'])
  })
})
