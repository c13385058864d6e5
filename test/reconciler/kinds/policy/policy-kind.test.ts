import { describe, expect, it } from 'vitest'
import { observePolicies, policyKind } from '../../../../src/reconciler/kinds/policy/index.ts'
import { policyAddress, type Change } from '../../../../src/reconciler/model/index.ts'
import { FakeTarget, Refused } from '../../harness/fake-target.ts'

const subject = { address: policyAddress('a'), kind: 'policy' } as const
const change = (text: string, more: Partial<Change> = {}): Change => ({
  subject,
  values: { policy: text },
  changed: ['policy'],
  compareAndSet: true,
  ...more,
})

describe('policies', () => {
  it('are read all at once where the target offers it', async () => {
    const target = new FakeTarget()
    await policyKind.create(target, change('# a'))
    target.requests.length = 0
    const { names, live } = await observePolicies(target, () => true)
    expect(names).toEqual(['default', 'root', 'a'])
    expect(live.get(subject.address)).toEqual({ values: { policy: '# a' }, version: 1 })
    expect(target.requests).toEqual(['GET sys/policies/detailed/acl'])
  })

  it('are read one by one elsewhere, and only those that are wanted', async () => {
    const target = new FakeTarget({ isOpenBao: false })
    for (const name of ['a', 'b']) target.policies.set(name, { text: `# ${name}`, version: 1 })
    const { names, live } = await observePolicies(target, name => name === 'b')
    expect(names).toEqual(['a', 'b', 'default', 'root'])
    expect([...live]).toEqual([['policy/b', { values: { policy: '# b' } }]])
  })

  it('are not taken for absent when there is no answer', async () => {
    const target = new FakeTarget()
    target.before = () => {
      throw new Error('no connection')
    }
    await expect(observePolicies(target, () => true)).rejects.toThrow('no connection')
  })

  it('are not taken for absent when they may not be read', async () => {
    const target = new FakeTarget({ isOpenBao: false })
    target.policies.set('a', { text: '# a', version: 1 })
    target.before = request => {
      if (request === 'GET sys/policies/acl/a') throw new Refused(403, 'permission denied')
    }
    await expect(observePolicies(target, () => true)).rejects.toThrow('permission denied')
  })

  it('are created only where there is none, and changed only as they were seen', async () => {
    const target = new FakeTarget()
    await policyKind.create(target, change('# 1'))
    await expect(policyKind.create(target, change('# 2'))).rejects.toThrow('check-and-set')
    const live = await policyKind.read(target, subject, [])
    target.policies.set('a', { text: '# somebody', version: 7 })
    await expect(policyKind.update(target, change('# 3', live === undefined ? {} : { live }))).rejects.toThrow('check-and-set')
    expect(target.policies.get('a')?.text).toBe('# somebody')
  })

  it.each([
    ['a comment', 'path "a" { capabilities = ["read"] }', '# why\npath "a" {\n  capabilities = ["read"]\n}\n', true],
    ['the order of capabilities', 'path "a" { capabilities = ["read", "list"] }', 'path "a" { capabilities = ["list", "read"] }', true],
    ['a capability', 'path "a" { capabilities = ["read"] }', 'path "a" { capabilities = ["list"] }', false],
    ['a parameter', 'path "a" { allowed_parameters = { x = [1] } }', 'path "a" { allowed_parameters = { x = [2] } }', false],
    ['the order of rules, which the server merges by', 'path "a" {}\npath "b" {}', 'path "b" {}\npath "a" {}', false],
  ])('say of a change of %s whether anybody gains or loses access', (_what, before, after, isTextOnly) => {
    const notes = policyKind.notes({ policy: before }, { policy: after })
    expect(notes).toEqual(isTextOnly ? ['only comments or layout differ: nobody gains or loses access'] : [])
  })
})
