import * as fc from 'fast-check'
import type { Files } from './repository.ts'

/** Repositories without mistakes: what a server takes, in many spellings. */
const name = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '0', '1', '_'), minLength: 0, maxLength: 3 }).map(it => `n${it}`)
const policyName = fc.array(name, { minLength: 1, maxLength: 2 }).map(it => it.join('/'))
const capability = fc.constantFrom('create', 'read', 'update', 'delete', 'list', 'sudo', 'patch', 'deny')
const rule = fc
  .tuple(name, fc.constantFrom('', '/*', '/+/x'), fc.uniqueArray(capability, { minLength: 1, maxLength: 3 }))
  .map(([path, end, all]) => `path "secret/data/${path}${end}" {\n  capabilities = [${all.map(it => `"${it}"`).join(', ')}]\n}\n`)
const policyText = fc
  .tuple(fc.constantFrom('', '# a comment\n', '\n'), fc.uniqueArray(rule, { minLength: 1, maxLength: 3 }))
  .map(([head, rules]) => head + rules.join('\n'))

/** The same span in several spellings. */
const span = fc
  .integer({ min: 1, max: 240 })
  .chain(minutes => fc.constantFrom(`${minutes}m`, `${minutes * 60}`, `${minutes * 60}s`, String(minutes * 60)))
const policies = fc
  .uniqueArray(name, { maxLength: 3 })
  .chain(it => fc.constantFrom(`[${it.join(', ')}]`, `"${it.join(',')}"`, `[${it.toReversed().join(', ')}]`))

function yaml(indent: string, record: Readonly<Record<string, string | undefined>>): string {
  const lines = Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [`${indent}${key}: ${value}`]))
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

const maybe = <T>(it: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(it, { nil: undefined })

const role = fc.record({
  token_policies: maybe(policies),
  token_ttl: maybe(span),
  token_no_default_policy: maybe(fc.constantFrom('true', 'false')),
  secret_id_num_uses: maybe(fc.integer({ min: 0, max: 9 }).map(String)),
  secret_id_ttl: maybe(span),
  secret_id_bound_cidrs: maybe(fc.constantFrom('[10.0.0.0/8]', '[10.0.0.0/8, 127.0.0.1/32]')),
  token_bound_cidrs: maybe(fc.constantFrom('[10.0.0.1/32]', '10.0.0.1', '[192.168.0.0/16, 10.0.0.1]')),
  token_type: maybe(fc.constantFrom('service', 'default', 'default-service')),
})

const tokenRole = fc.record({
  allowed_policies: maybe(policies),
  orphan: maybe(fc.constantFrom('true', 'false')),
  renewable: maybe(fc.constantFrom('true', 'false')),
  token_period: maybe(span),
  path_suffix: maybe(fc.constantFrom('abc', 'a-b')),
})

const tune = fc.record({
  default_lease_ttl: maybe(fc.constantFrom('1h', '3600', '60m')),
  max_lease_ttl: maybe(fc.constantFrom('24h', '1d', '86400')),
  listing_visibility: maybe(fc.constantFrom('hidden', 'unauth')),
  audit_non_hmac_request_keys: maybe(fc.constantFrom('[a, b]', '[b, a, b]', '[]')),
})

const mountHead = fc.record({ description: maybe(fc.constantFrom('x', '"a: b"', '"ü 🔑"')) })
const tuned = maybe(tune).map(it =>
  it === undefined || Object.values(it).every(value => value === undefined) ? '' : `tune:\n${yaml('  ', it)}`,
)

const members = (noun: fc.Arbitrary<Readonly<Record<string, string | undefined>>>): fc.Arbitrary<string> =>
  fc.uniqueArray(fc.tuple(name, noun), { maxLength: 3, selector: ([it]) => it.toLowerCase() }).map(all => {
    if (all.length === 0) return ''
    return `roles:\n${all.map(([it, attributes]) => `  "${it}":${yaml('    ', attributes) === '' ? ' {}\n' : `\n${yaml('    ', attributes)}`}`).join('')}`
  })

const authFile = fc
  .tuple(mountHead, tuned, members(role))
  .map(([head, tuning, roles]) => `type: approle\n${yaml('', head)}${tuning}${roles}`)
const kvConfig = fc
  .record({
    max_versions: maybe(fc.integer({ min: 0, max: 9 }).map(String)),
    cas_required: maybe(fc.constantFrom('true', 'false')),
    delete_version_after: maybe(fc.constantFrom('1h', '30d', '3600')),
  })
  .map(it => (Object.values(it).every(value => value === undefined) ? '' : `config:\n${yaml('  ', it)}`))
const engineFile = fc.oneof(
  fc.tuple(fc.constantFrom('kv', 'kv-v1'), mountHead, tuned).map(([type, head, tuning]) => `type: ${type}\n${yaml('', head)}${tuning}`),
  fc
    .tuple(
      fc.constantFrom('type: kv-v2\n', 'type: kv\noptions: { version: 2 }\n', 'type: kv\noptions:\n  version: "2"\n'),
      mountHead,
      tuned,
      kvConfig,
    )
    .map(it => [it[0], yaml('', it[1]), it[2], it[3]].join('')),
)

const named = (prefix: string, end: string, file: fc.Arbitrary<string>, most: number): fc.Arbitrary<Files> =>
  fc
    .uniqueArray(fc.tuple(name, file), { maxLength: most, selector: ([it]) => it })
    .map(all => Object.fromEntries(all.map(([it, text]) => [`${prefix}${it}${end}`, text])))

export const arbitraryRepository: fc.Arbitrary<Files> = fc
  .tuple(
    fc
      .uniqueArray(fc.tuple(policyName, policyText), { maxLength: 5, selector: ([it]) => it })
      .map(all => Object.fromEntries(all.map(([it, text]) => [`policies/${it}.hcl`, text]))),
    named('roles/r-', '.yaml', authFile, 2),
    named('engines/e-', '.yaml', engineFile, 3),
    maybe(members(tokenRole)),
  )
  .map(([one, two, three, token]) => ({
    ...one,
    ...two,
    ...three,
    ...(token === undefined || token === '' ? {} : { 'roles/token.yaml': token }),
  }))
