import { describe, expect, it } from 'vitest'
import { isFault } from '../../../src/server/logical/index.ts'
import { open, running } from './running.ts'

const refusal = async (work: Promise<unknown>): Promise<readonly string[]> => {
  try {
    await work
  } catch (cause) {
    if (isFault(cause)) return cause.wire
    throw cause
  }
  throw new Error('was not refused')
}

describe('unsealing', () => {
  it('takes a quorum of shares, in any form and order', async () => {
    const { server } = await open()
    const { operator } = server.core
    expect(operator.sealStatus()).toMatchObject({ initialized: false, sealed: true, t: 0, n: 0 })
    const { keys, keysBase64 } = await operator.initialise({ secretShares: 5, secretThreshold: 3 })
    expect([keys.length, keys[0]?.length, keysBase64[0]?.length]).toEqual([5, 66, 44])
    expect(operator.sealStatus()).toMatchObject({ initialized: true, sealed: true, t: 3, n: 5, progress: 0, nonce: '' })
    expect((await operator.unseal(keys[4] as string)).progress).toBe(1)
    const { nonce } = operator.sealStatus()
    expect(await operator.unseal(keys[4] as string)).toMatchObject({ progress: 1, nonce })
    expect(await operator.unseal(keysBase64[1] as string)).toMatchObject({ progress: 2, nonce })
    expect(await operator.unseal(keys[0] as string)).toMatchObject({ sealed: false, progress: 0, nonce: '' })
  })

  it('notices a wrong set only when it is complete, and forgets it', async () => {
    const { server } = await open()
    const { operator } = server.core
    const { keys } = await operator.initialise({ secretShares: 3, secretThreshold: 2 })
    const wrong = (keys[0] as string).replace(/^../, it => (it === '00' ? '01' : '00'))
    await operator.unseal(wrong)
    await refusal(operator.unseal(keys[1] as string))
    expect(operator.sealStatus()).toMatchObject({ sealed: true, progress: 0, nonce: '' })
    await operator.unseal(keys[0] as string)
    expect(await operator.unseal(keys[1] as string)).toMatchObject({ sealed: false })
  })

  it('refuses what is no share, and keeps the progress', async () => {
    const { server } = await open()
    const { operator } = server.core
    expect(await refusal(operator.unseal('aa'.repeat(33)))).toEqual(['Vault is not initialized'])
    const { keys } = await operator.initialise({ secretShares: 3, secretThreshold: 2 })
    await operator.unseal(keys[0] as string)
    for (const bad of ['aabbcc', '!!', 'zz', 'aa'.repeat(16)])
      expect(await refusal(operator.unseal(bad))).toEqual(["'key' must be a valid hex or base64 string"])
    expect(operator.sealStatus().progress).toBe(1)
    expect(operator.resetUnseal()).toMatchObject({ progress: 0, nonce: '' })
  })

  it('is initialised once, with shares that make sense', async () => {
    const { server } = await open()
    const { operator } = server.core
    for (const [secretShares, secretThreshold, why] of [
      [0, 0, 'shares must be at least one'],
      [5, 0, 'threshold must be at least one'],
      [5, 1, 'threshold must be greater than one for multiple shares'],
      [2, 3, 'threshold cannot be larger than shares'],
      [300, 3, 'shares must be less than 256'],
    ] as const)
      expect(await refusal(operator.initialise({ secretShares, secretThreshold }))).toEqual([`invalid seal configuration: ${why}`])
    await operator.initialise({ secretShares: 1, secretThreshold: 1 })
    expect(await refusal(operator.initialise({ secretShares: 1, secretThreshold: 1 }))).toEqual(['Vault is already initialized'])
  })

  it('answers nothing while sealed, not even to the root token', async () => {
    const at = await running()
    await at.ask('write', 'sys/seal')
    expect(await at.ask('read', 'sys/mounts')).toMatchObject({ status: 503, errors: ['Vault is sealed'] })
    expect(await at.ask('read', 'no/such/mount', {}, { token: '' })).toMatchObject({ status: 503 })
  })
})
