import { describe, expect, it } from 'vitest'
import type { TargetAnswer, TargetReader } from '../../../src/reconciler/model/index.ts'
import { planningReader } from '../../../src/reconciler/run/gathered.ts'
import { Refused } from '../harness/fake-target.ts'

type Many = (paths: readonly string[]) => readonly unknown[]

/** Has `a/<n>` for even n, and forbids `a/5`. */
class Target implements TargetReader {
  readonly requests: string[] = []
  readonly #many: Many | undefined
  readonly #says: TargetAnswer

  constructor(many?: Many, says: Readonly<Record<string, unknown>> = { lockstep_version: '1' }) {
    this.#many = many
    this.#says = says
  }

  read(path: string, query?: Readonly<Record<string, string | readonly string[]>>): Promise<TargetAnswer | undefined> {
    const asked = query?.['path']
    this.requests.push(asked === undefined ? path : `${path} ${[asked].flat().length}`)
    if (path === 'sys/seal-status') return Promise.resolve(this.#says)
    if (asked !== undefined)
      return this.#many === undefined
        ? Promise.reject(new Refused(404, 'unsupported path'))
        : Promise.resolve({ data: { answers: this.#many([asked].flat()) as never } })
    if (path === 'a/5') return Promise.reject(new Refused(403, 'permission denied'))
    return Promise.resolve(Number(path.slice(2)) % 2 === 0 ? { data: { path } } : undefined)
  }

  list(path: string): Promise<readonly string[]> {
    this.requests.push(`LIST ${path}`)
    return Promise.resolve(['x', 'y'])
  }
}

const honest: Many = paths =>
  paths.map(path => {
    if (path.endsWith('/')) return { path, status: 200, data: { keys: ['x', 'y'] } }
    if (path === 'a/5') return { path, status: 403, errors: ['permission denied'] }
    return Number(path.slice(2)) % 2 === 0 ? { path, status: 200, data: { path } } : { path, status: 404, errors: [] }
  })

const numbers = Array.from({ length: 6 }, (_, i) => i)

async function readAll(target: Target): Promise<readonly unknown[]> {
  const reader = planningReader(target, 32)
  await reader.read('sys/seal-status')
  target.requests.length = 0
  return await Promise.all([
    ...numbers.map(i =>
      reader.read(`a/${i}`).then(
        it => it?.data ?? 'absent',
        (error: unknown) => (error as Refused).message,
      ),
    ),
    reader.list('a'),
  ])
}

const expected = [{ path: 'a/0' }, 'absent', { path: 'a/2' }, 'absent', { path: 'a/4' }, 'permission denied', ['x', 'y']]

describe('reads that are asked for at once', () => {
  it('are one request of a server that offers it; what is refused is asked for again alone', async () => {
    const target = new Target(honest)
    expect(await readAll(target)).toEqual(expected)
    expect(target.requests).toEqual(['sys/internal/read-many 7', 'a/5'])
  })

  it('are each one of any other server, which is not asked whether it offers that', async () => {
    const target = new Target(undefined, { version: '2.7.2' })
    expect(await readAll(target)).toEqual(expected)
    expect(target.requests).toEqual([...numbers.map(i => `a/${i}`), 'LIST a'])
  })

  it.each<readonly [string, Many | undefined]>([
    ['is refused', undefined],
    ['names other paths', paths => honest(paths).toReversed()],
    ['is cut short', paths => honest(paths).slice(0, 2)],
    ['says nothing', () => []],
    ['holds nothing that is understood', paths => paths.map(path => ({ path, status: 200 }))],
    ['holds absences that explain themselves', paths => paths.map(path => ({ path, status: 404, errors: ['no handler for route'] }))],
    ['fails', paths => paths.map(path => ({ path, status: 500, errors: ['internal error'] }))],
  ])('give the same where the answer to all %s', async (_how, many) => {
    expect(await readAll(new Target(many))).toEqual(expected)
  })

  it('take as many requests as their paths need', async () => {
    const target = new Target(paths => paths.map(path => ({ path, status: 200, data: {} })))
    const reader = planningReader(target, 32)
    await reader.read('sys/seal-status')
    target.requests.length = 0
    await Promise.all(Array.from({ length: 300 }, (_, i) => reader.read(`a/${i}`)))
    await Promise.all(Array.from({ length: 100 }, (_, i) => reader.read(`${'long'.repeat(50)}/${i}`)))
    expect(target.requests.map(it => Number(it.split(' ')[1]))).toEqual([256, 44, 28, 28, 28, 16])
  })
})
