/** What every engine and auth method of the registry must keep, whatever it is for. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseJson } from '../../src/kernel/index.ts'
import type { Fields } from '../../src/schema/index.ts'
import { openApi, type AuthMethod, type Route, type SecretsEngine } from '../../src/server/framework/index.ts'
import { isFault, type OpName } from '../../src/server/logical/index.ts'
import { authMethods, engines } from '../../src/server/registry.ts'
import { Mounted } from './engine-replay.ts'

interface Subject {
  readonly name: string
  readonly engine: SecretsEngine | AuthMethod
  readonly options: Readonly<Record<string, string>>
  readonly routes: readonly Route[]
}

/** The options that make an engine another one. */
const VARIANTS: Readonly<Record<string, readonly Readonly<Record<string, string>>[]>> = { kv: [{ version: '1' }, { version: '2' }] }

const subjects: readonly Subject[] = [...Object.values(engines), ...Object.values(authMethods)].flatMap(engine =>
  (VARIANTS[engine.type] ?? [{}]).map(options => {
    const served = engine.table === 'secret' && engine.variant ? engine.variant(options) : engine
    const routes = served.routes.flatMap(table => Object.values(table))
    return { name: [engine.type, ...Object.values(options)].join(' '), engine, options, routes }
  }),
)

/** Where a login goes by way of a browser, its steps before the last give no token, and nobody has one yet. */
const BROWSER = ['oidc/auth_url', 'oidc/callback', 'oidc/poll']
/** What an engine is there to publish, and what hosts without a token ask: named one by one, so that no other route becomes so by mistake. */
const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  pki: [
    ['issuers', 'ca', 'ca/pem', 'ca_chain', 'cert/ca_chain', 'cert/{serial}', 'cert/{serial}/raw', 'cert/{serial}/raw/pem'],
    ['json', 'der', 'pem', 'crl', 'crl/der', 'crl/pem', 'crl/delta', 'crl/delta/der', 'crl/delta/pem'].map(
      it => `issuer/{issuer_ref}/${it}`,
    ),
    ['crl', 'crl/pem', 'crl/delta', 'crl/delta/pem', 'cert/crl', 'cert/delta-crl', 'ocsp', 'ocsp/{req...}'],
  ].flat(),
  ssh: ['public_key', 'issuer/{issuer_ref}/public_key', 'verify'],
}
const OPEN_TO_ALL: Readonly<Record<string, readonly string[]>> = { jwt: BROWSER, oidc: BROWSER, ...PUBLISHED }

const OPS: readonly OpName[] = ['read', 'list', 'scan', 'write', 'patch', 'delete']
const opsOf = (route: Route): OpName[] => OPS.filter(op => route.ops[op] !== undefined)
const pathOf = (route: Route): string => route.path.replace(/\{\w+\.\.\.\}/g, 'some/where').replace(/\{\w+\}/g, 'name')
const inputOf = (route: Route, op: OpName): Fields => {
  const input = route.ops[op]?.input ?? {}
  return 'anyBody' in input ? {} : input
}
const everyOp = ({ routes }: Subject): readonly (readonly [string, Route, OpName])[] =>
  routes.flatMap(route => opsOf(route).map(op => [`${op} ${route.path}`, route, op] as const))

describe.each(subjects.map(it => [it.name, it] as const))('%s', (_name, subject) => {
  const open = (): Mounted => new Mounted(subject.engine, subject.options)

  it.each(subject.routes.map(it => [it.path, it] as const))('finds its route for a path of %s', (template, route) => {
    const { backend } = open()
    for (const op of opsOf(route)) expect(backend.match(pathOf(route), op)).toMatchObject({ template, access: route.access })
  })

  it('documents every route, parameter, operation and field in sentences', () => {
    const docs = subject.routes.flatMap(route => [
      route.doc,
      ...Object.values(route.params).map(it => it.doc),
      ...opsOf(route).flatMap(op => [route.ops[op]?.doc ?? '', ...Object.values(inputOf(route, op)).map(it => it.doc)]),
    ])
    expect(docs.filter(it => !/^[A-Z`].*\.$/s.test(it))).toEqual([])
  })

  it.each(subject.routes.map(it => [it.path, it] as const))('helps with %s', (_path, route) => {
    const help = open().backend.help(pathOf(route)) as { readonly help: string } | undefined
    expect(help?.help).toContain(route.doc)
  })

  it('describes itself as OpenAPI, every path of it', () => {
    const api = JSON.parse(JSON.stringify(openApi(subject.engine, 'm'))) as { readonly paths: object }
    const { engine } = subject
    const published = engine.routes
      .flatMap(table => Object.values(table))
      .filter(route => opsOf(route).some(op => !route.ops[op]?.internal))
    const described = published.map(it => `/m/${it.path.replaceAll('...}', '}')}`)
    expect(Object.keys(api.paths)).toEqual(described)
  })

  it('is open to strangers only where they log in', () => {
    const open = subject.routes.filter(it => it.access === 'public' && OPEN_TO_ALL[subject.engine.type]?.includes(it.path) !== true)
    const logsIn = (route: Route): boolean => opsOf(route).every(op => route.ops[op]?.gives.some(it => it.is === 'auth') === true)
    expect(open.filter(it => !logsIn(it)).map(it => it.path)).toEqual([])
  })

  it('refuses what a route does not do', async () => {
    const at = open()
    for (const route of subject.routes) {
      for (const op of OPS.filter(it => route.ops[it] === undefined)) {
        if (at.backend.match(pathOf(route), op)?.template !== route.path) continue
        const errors = ['1 error occurred:\n\t* unsupported operation\n\n']
        expect(await at.ask(op, pathOf(route)), `${op} ${route.path}`).toEqual({ status: 405, reply: { errors } })
      }
    }
  })

  it.each(everyOp(subject))('never echoes a value that %s cannot read', async (_name, route, op) => {
    const marker = 'MARKED-7f3a'
    for (const name of Object.keys(inputOf(route, op))) {
      for (const value of [{ [marker]: marker }, [{ [marker]: marker }], [[marker]], { a: [marker] }]) {
        const at = open()
        const { reply } = await at.ask(op, pathOf(route), { [name]: value })
        const errors = (reply as { readonly errors?: readonly string[] } | undefined)?.errors ?? []
        expect(errors.join()).not.toContain(marker)
      }
    }
  })

  it('answers or refuses, and never breaks, whatever comes in whatever order', async () => {
    const call = fc.constantFrom(...everyOp(subject)).chain(([, route, op]) =>
      fc.record({
        op: fc.constant(op),
        path: fc.constantFrom(pathOf(route), pathOf(route), `${pathOf(route)}/`),
        data: fc.record(
          { ...Object.fromEntries(Object.keys(inputOf(route, op)).map(it => [it, anything])), unknown: anything },
          { requiredKeys: [] },
        ),
      }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 12 }), async calls => {
        const at = open()
        for (const { op, path, data } of calls) {
          at.clock.advance(1000)
          try {
            const request = at.request(op, path, data)
            if (op === 'write') await at.backend.exists(request)
            await at.backend.handle(request)
          } catch (thrown) {
            if (!isFault(thrown)) throw thrown
          }
        }
        await at.backend.close()
      }),
      { numRuns: 150 },
    )
  })
})

/** JSON as a client may send it: odd numbers, odd names, texts that nearly are numbers, spans or blocks. */
const TEXTS = '| |1|0x1|1h|-5s|10.0.0.0/8|::1|a,b|a=b|__proto__|root|default-service'.split('|')
const odd = fc.constantFrom<unknown>(
  ...TEXTS,
  ...(parseJson(
    '[0, 1, -1, 5, 1e21, true, false, null, 1.50, 1e3, -0, 9007199254740993, {"__proto__": {"a": 1}, "constructor": 1}, {"cas": 1}]',
  ) as readonly unknown[]),
)
const anything: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: odd },
  { weight: 1, arbitrary: fc.array(odd, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(fc.string({ maxLength: 4 }), odd, { maxKeys: 3 }) },
  { weight: 1, arbitrary: fc.string({ maxLength: 20, unit: 'binary' }) },
)
