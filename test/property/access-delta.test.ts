import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Capability, PathRule, PolicyDoc } from '../../src/hcl/policy/index.ts'
import {
  type AccessChange,
  accessDelta,
  type AccessOp,
  type AccessQuery,
  type Acl,
  compileAcl,
  type Granted,
} from '../../src/policy/index.ts'

/** Symbolic answers held against brute force: every path over four letters, one of which no rule says. */
const now = new Date('2026-11-28T12:00:00Z')

const segment = fc.constantFrom('a', 'b', 'ab', '', '+', '+', '+a', 'a+')
const rulePath = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), fc.constantFrom('', '', '*', '/*', '/'))
  .map(([parts, end]) => parts.join('/') + end)
  .filter(it => !it.includes('+*'))
const names: readonly Granted[] = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan']
const capability = fc.constantFrom<Capability>('read', 'update', 'list', 'sudo', 'deny')
const rule = fc.record({ path: rulePath, capabilities: fc.uniqueArray(capability, { maxLength: 3 }) })

/** The new rules are mostly the old ones, as in a pull request. */
const sides = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<{ readonly before: readonly T[]; readonly after: readonly T[] }> =>
  fc
    .record({ kept: fc.array(one, { maxLength: 6 }), gone: fc.array(one, { maxLength: 2 }), added: fc.array(one, { maxLength: 2 }) })
    .map(({ kept, gone, added }) => ({ before: [...kept, ...gone], after: [...added, ...kept] }))

const docOf = (rules: readonly PathRule[]): PolicyDoc => ({ name: 'p', rules })

function pathsUpTo(length: number): readonly string[] {
  const all = ['']
  let last = ['']
  for (let i = 0; i < length; i++) {
    last = last.flatMap(it => ['a', 'b', 'x', '/'].map(letter => it + letter))
    all.push(...last)
  }
  return all.filter(it => !it.startsWith('/'))
}

function matcher(text: string): RegExp {
  const open = text.endsWith('*')
  const parts = (open ? text.slice(0, -1) : text).split('/').map((part, i, all) => {
    if (part === '+' && !(open && i === all.length - 1)) return '[^/]*'
    const [head = '', more] = part.split('(+)')
    return head.replaceAll('+', '\\+') + (more === undefined ? '' : '[^/]*')
  })
  return new RegExp(`^${parts.join('/')}${open ? '.*' : ''}$`, 's')
}

const covering = (change: AccessChange): ((path: string) => boolean) => {
  const [own, except] = [matcher(change.path), change.except.map(matcher)]
  return path => own.test(path) && !except.some(it => it.test(path))
}

const isListing = (op: string): boolean => op === 'list' || op === 'scan'
const allows = (acl: Acl, op: AccessOp, path: string): boolean => acl.decide({ path, op, sudoPath: false }).allowed

describe('an access delta', () => {
  it('names exactly the capabilities and paths that are gained and lost', () => {
    const paths = pathsUpTo(5)
    fc.assert(
      fc.property(sides(rule), ({ before, after }) => {
        const { changes } = accessDelta([docOf(before)], [docOf(after)], { now })
        const [old, fresh] = [compileAcl([docOf(before)], { now }), compileAcl([docOf(after)], { now })]
        const said = changes.map(it => ({ ...it, covers: covering(it) }))
        for (const op of ['read', 'update', 'list'] as const) {
          for (const path of paths) {
            if (isListing(op) && path !== '' && !path.endsWith('/')) continue
            const [had, has] = [allows(old, op, path), allows(fresh, op, path)]
            const expected = had === has ? [] : [has ? 'gained' : 'lost']
            const found = said.filter(it => it.capabilities.includes(op) && it.covers(path)).map(it => it.change)
            if (found.join() !== expected.join()) expect({ op, path, found, changes }).toEqual({ op, path, found: expected, changes })
          }
        }
        for (const { change, capabilities, witness } of changes) {
          const op = capabilities.find(it => it !== 'sudo')
          if (op === undefined || op === 'delete') continue
          expect([allows(old, op, witness), allows(fresh, op, witness)]).toEqual([change === 'lost', change === 'gained'])
        }
      }),
      { numRuns: 300 },
    )
  })

  it('tells of sudo wherever it would be needed and the answer differs', () => {
    const paths = pathsUpTo(4)
    fc.assert(
      fc.property(sides(rule), ({ before, after }) => {
        const { changes } = accessDelta([docOf(before)], [docOf(after)], { now })
        const [old, fresh] = [compileAcl([docOf(before)], { now }), compileAcl([docOf(after)], { now })]
        const said = changes.filter(it => it.capabilities.includes('sudo')).map(it => ({ ...it, covers: covering(it) }))
        for (const path of paths) {
          const gives = (acl: Acl): boolean =>
            names.some(op => !isListing(op) && acl.decide({ path, op: op as AccessOp, sudoPath: true }).allowed)
          const plain = said.filter(it => it.lists !== true && it.covers(path))
          if (gives(old) !== gives(fresh)) expect(plain.length).toBe(1)
          else expect(plain).toEqual([])
        }
      }),
      { numRuns: 150 },
    )
  })

  it('is empty if and only if every request is decided alike, limits included', () => {
    const paths = ['', 'a', 'x', 'a/', 'ax', 'a/x', 'x/', 'a/x/', 'x/x/', 'ax/', 'a//', 'x//', 'a///', 'ax//']
    fc.assert(
      fc.property(fc.oneof(sides(limited), sides(wrapping)), ({ before, after }) => {
        const { changes } = accessDelta([docOf(before)], [docOf(after)], { now })
        const [old, fresh] = [compileAcl([docOf(before)], { now }), compileAcl([docOf(after)], { now })]
        const differing = paths.flatMap(path =>
          requests.filter(it => answer(old, { ...it, path }) !== answer(fresh, { ...it, path })).map(it => ({ ...it, path })),
        )
        if ((changes.length === 0) !== (differing.length === 0)) {
          expect({ changes, differing: differing.slice(0, 3) }).toEqual('both empty, or neither')
        }
        for (const { change, witness, capabilities } of changes) {
          const asked = requests.filter(it => capabilities.includes(it.op as Granted)).map(it => ({ ...it, path: witness }))
          if (capabilities.every(it => it === 'sudo')) continue
          const moved = asked.filter(it => answer(old, it) !== answer(fresh, it))
          if (moved.length === 0) expect({ change, witness, before, after }).toBe('seen in some request')
          if (change === 'widened' || change === 'gained') expect(moved.filter(it => !fresh.decide(it).allowed)).toEqual([])
          if (change === 'lost') expect(asked.filter(it => fresh.decide(it).allowed)).toEqual([])
        }
      }),
      { numRuns: 120 },
    )
  })
})

/** What a caller sees of an answer. */
function answer(acl: Acl, query: AccessQuery): string {
  const decision = acl.decide(query)
  if (!decision.allowed) return 'refused'
  return JSON.stringify([decision.limit ?? '', decision.listFilterTemplate ?? '', decision.controlGroup ?? ''])
}

const value = fc.constantFrom<unknown>('a', 'a*', '*a', '*a*', 'ab', 'ab*', '*', '**', true, 1, null, ['a'], { a: 'b' }, { a: 1 })
const parameters = fc
  .array(fc.tuple(fc.constantFrom('n', 'm', '*'), fc.array(value, { maxLength: 2 })), { maxLength: 2 })
  .map(it => new Map<string, readonly unknown[]>(it))
const limited = fc.record(
  {
    path: fc.constantFrom('a', 'a/*', '+', 'a*', '*', 'a/'),
    capabilities: fc.uniqueArray(fc.constantFrom<Capability>('create', 'read', 'list', 'delete', 'deny'), { maxLength: 3 }),
    allowedParameters: parameters,
    deniedParameters: parameters,
    requiredParameters: fc.uniqueArray(fc.constantFrom('n', 'limit'), { maxLength: 1 }),
    paginationLimit: fc.constantFrom(0, 5, 7),
    listFilterTemplate: fc.constantFrom('', '{{.path}}'),
    controlGroup: fc.constantFrom({
      selfAuthAllowed: false,
      factors: [{ name: 'f', controlledCapabilities: ['read'], groupNames: ['g'], approvals: 1 }],
    }),
  },
  { requiredKeys: ['path', 'capabilities'] },
)

const wrapping = fc.record(
  {
    path: fc.constantFrom('a', 'a/*', '+', 'a*', '*', 'a/'),
    capabilities: fc.uniqueArray(fc.constantFrom<Capability>('create', 'read', 'list', 'delete', 'deny'), { maxLength: 3 }),
    minWrappingTtl: fc.constantFrom(0, 10, 20, -1),
    maxWrappingTtl: fc.constantFrom(0, 10, 20, -1),
    requiredParameters: fc.constant(['n']),
  },
  { requiredKeys: ['path', 'capabilities'] },
)

const sent: readonly unknown[] = [
  'a',
  'ab',
  'abx',
  'ax',
  'xa',
  'xax',
  'xab',
  'axa',
  'axab',
  'xabx',
  '*',
  'x',
  'aba',
  'abxa',
  true,
  null,
  ['a'],
  { a: 'b' },
  5,
]
const few = ['a', 'abx', 'xax', 'xab', 'x', true]
const bodies: readonly Readonly<Record<string, unknown>>[] = [
  {},
  { limit: 5 },
  { limit: 6 },
  { limit: 'x' },
  ...sent.flatMap(it => [{ n: it }, { m: it }, { k: it }, { n: it, limit: 1 }, { m: it, limit: 1 }, { k: it, limit: 1 }]),
  ...few.flatMap(n =>
    sent.flatMap(m => [
      { n, m },
      { n, m, limit: 1 },
    ]),
  ),
  ...sent.map(n => ({ n, k: 'x', limit: 1 })),
  ...sent.map(n => ({ n, k: 'x' })),
]
const wrapped = bodies.slice(0, 10)
const requests: readonly Omit<AccessQuery, 'path'>[] = (['create', 'read', 'list', 'delete'] as const).flatMap(op =>
  [undefined, 5, 10, 15, 20, 25].flatMap(wrapTtl =>
    (wrapTtl === undefined ? bodies : wrapped).map(data => ({ op, data, sudoPath: false, ...(wrapTtl === undefined ? {} : { wrapTtl }) })),
  ),
)
