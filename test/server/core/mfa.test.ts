import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/kernel/index.ts'
import { Attempts } from '../../../src/server/core/mfa/attempts.ts'
import { codeIn, credentialsIn } from '../../../src/server/core/mfa/credentials.ts'
import { PendingLogins, type PendingLogin } from '../../../src/server/core/mfa/pending.ts'

describe('the header X-Vault-MFA', () => {
  it('names methods, each with its codes', () => {
    const shown = credentialsIn(['app:123456', 'push', 'app:654321', 'other:passcode=1:2'])
    expect(Object.fromEntries(shown)).toEqual({ app: ['123456', '654321'], push: [], other: ['passcode=1:2'] })
  })

  it.each(['', ':', ':1', 'app:'])('is refused as %j', value => {
    expect(() => credentialsIn([value])).toThrow('failed to parse X-Vault-MFA header')
  })
})

describe('what is shown for a method', () => {
  it.each([
    [[], ''],
    [[''], ''],
    [['123456'], '123456'],
    [['passcode=123456'], '123456'],
    [['123456', '123456'], { refused: 'found multiple passcodes for the same MFA method' }],
    [['passcode='], { refused: 'invalid passcode' }],
    [['user=x'], { refused: 'found an invalid MFA cred' }],
  ])('is %j', (shown, code) => {
    expect(codeIn(shown)).toEqual(code)
  })
})

describe('a login that waits', () => {
  const clock = new ManualClock(new Date('2026-01-02T03:04:05Z'))
  let last = 0
  const logins = new PendingLogins(clock, { bytes: count => new Uint8Array(count), uuid: () => `id-${++last}` })
  const pending = { entityId: 'e' } as PendingLogin

  it('is ended once, and by one alone', async () => {
    const id = logins.add(pending)
    let release = (): void => undefined
    const first = logins.take(id, () => new Promise<void>(done => (release = done)))
    await expect(logins.take(id, async () => undefined)).rejects.toThrow('invalid request ID')
    release()
    await first
    await expect(logins.take(id, async () => undefined)).rejects.toThrow('invalid request ID')
  })

  it('waits on when its factor was wrong, but not for ever', async () => {
    const id = logins.add(pending)
    const wrong = async (): Promise<never> => Promise.reject(new Error('wrong'))
    await expect(logins.take(id, wrong)).rejects.toThrow('wrong')
    await expect(logins.take(id, wrong)).rejects.toThrow('wrong')
    clock.advance(300_000)
    await expect(logins.take(id, wrong)).rejects.toThrow('invalid request ID')
  })
})

describe('attempts', () => {
  it('are counted within a period that the first begins', () => {
    const clock = new ManualClock(new Date('2026-01-02T03:04:05Z'))
    const attempts = new Attempts(clock)
    expect([attempts.count('a', 30), attempts.count('a', 30), attempts.count('b', 30)]).toEqual([1, 2, 1])
    clock.advance(29_999)
    expect(attempts.count('a', 30)).toBe(3)
    clock.advance(1)
    expect(attempts.count('a', 30)).toBe(1)
    attempts.forget('b')
    expect(attempts.count('b', 30)).toBe(1)
  })
})
