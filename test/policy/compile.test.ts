import { describe, expect, it } from 'vitest'
import { type Acl, capabilityNames, compileAcl, type IdentityFacts, type TemplateFlags } from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'

const now = new Date('2026-11-24T12:00:00.250Z')
const read = (path: string, more = ''): string => `path "${path}" {\n capabilities = ["read"]\n ${more}\n}\n`

describe('a rule that expires', () => {
  const acl = (at: string): Acl => compileAcl([policyOf('p', read('a', `expiration = "${at}"`) + read('b'))], { now })

  it('counts until the very moment, which the ACL names', () => {
    expect(acl('2026-11-24T12:00:00.250Z').capabilities('a')).toEqual(['read'])
    expect(acl('2026-11-25T00:00:00Z').validUntil).toEqual(new Date('2026-11-25T00:00:00Z'))
  })

  it('is dropped behind it, and leaves the others', () => {
    const late = acl('2026-11-24T12:00:00.249Z')
    expect(late.capabilities('a')).toEqual(['deny'])
    expect(late.capabilities('b')).toEqual(['read'])
    expect(late.dropped).toMatchObject([{ rule: { path: 'a' }, why: { is: 'expired' } }])
    expect(late.validUntil).toBeUndefined()
  })

  it('is dropped with the others that its document keeps apart', () => {
    const rule = { path: 'a', capabilities: ['read'] } as const
    const acl = compileAcl([{ name: 'p', rules: [rule], expired: [{ ...rule }] }], { now })
    expect(acl.rules).toHaveLength(1)
    expect(acl.dropped).toHaveLength(1)
  })

  it('is dropped also when it had been read before', () => {
    const doc = policyOf('p', read('a', 'expiration = "2026-11-24T13:00:00Z"'), now)
    expect(compileAcl([doc], { now: new Date('2026-11-24T13:00:01Z') }).capabilities('a')).toEqual(['deny'])
  })
})

describe('policies in their order', () => {
  const filter = (key: string): string =>
    `path "kv/" {\n capabilities = ["list"]\n list_scan_response_keys_filter_path = "${key}{{ .key }}"\n}`
  const first = (...names: readonly string[]): unknown => {
    const acl = compileAcl(
      names.map(name => policyOf(name, filter(name))),
      { now },
    )
    const decision = acl.decide({ path: 'kv', op: 'list', sudoPath: false })
    return decision.allowed && decision.listFilterTemplate
  }

  it('are taken by lower-cased name', () => {
    expect(first('b', 'a')).toBe('a{{ .key }}')
    expect(first('B', 'a')).toBe('a{{ .key }}')
    expect(first('b', 'A')).toBe('A{{ .key }}')
    expect(first('\u{1f512}', '\ufffd')).toBe('\ufffd{{ .key }}')
  })

  it('have one without a name last', () => {
    expect(first('', 'z')).toBe('z{{ .key }}')
  })

  it('keep the control group of the first rule alone', () => {
    const group =
      'control_group {\n ttl = "1h"\n factor "f" {\n controlled_capabilities = ["read"]\n identity { group_names = ["g"]\n approvals = 1 }\n }\n }'
    const controlled = (a: string, b: string): boolean => {
      const decision = compileAcl([policyOf('a', read('kv/x', a)), policyOf('b', read('kv/x', b))], { now }).decide({
        path: 'kv/x',
        op: 'read',
        sudoPath: false,
      })
      return decision.allowed && decision.controlGroup !== undefined
    }
    expect(controlled(group, '')).toBe(true)
    expect(controlled('', group)).toBe(false)
  })
})

describe('rules with one key', () => {
  it('remember what became of each', () => {
    const acl = compileAcl([policyOf('a', read('x') + 'path "/x" { capabilities = ["deny"] }\n' + read('x'))], { now })
    expect(acl.rules).toHaveLength(1)
    expect(acl.rules[0]?.sources.map(it => it.part)).toEqual(['first', 'denies', 'ignored'])
    expect(capabilityNames(acl.rules[0]?.capabilities ?? 0)).toEqual(['deny'])
    expect(acl.capabilities('x')).toEqual(['deny'])
  })
})

describe('namespaces', () => {
  it('stand in front of the keys of their policies', () => {
    const acl = compileAcl([{ ...policyOf('a', read('kv/*')), namespace: 'team/' }, policyOf('b', read('+/kv/x'))], { now })
    expect(acl.capabilities('team/kv/y')).toEqual(['read'])
    expect(acl.capabilities('kv/y')).toEqual(['deny'])
    expect(acl.capabilities('other/kv/x')).toEqual(['read'])
  })
})

const facts: IdentityFacts = {
  entity: {
    id: 'e-1',
    name: 'bob',
    metadata: { team: 'blue', empty: '', star: 'a*', both: '*a/', plus: '+', lead: '/x', braces: '{{x}}' },
    aliases: [{ id: 'al-1', name: 'bob@corp', mountAccessor: 'auth_1', metadata: { m: 'mv' }, customMetadata: { desk: '7' } }],
  },
  groups: [
    { id: 'g-1', name: 'grp', metadata: { k: 'gv', e: '' } },
    { id: 'g-2', name: 'grp', namespace: 'team/' },
  ],
}

describe('a template', () => {
  const withFlags = (path: string, templateFlags: TemplateFlags = {}): Acl =>
    compileAcl([{ ...policyOf('p', read(path) + read('b')), templateFlags }], { now, facts })

  it.each([
    ['{{identity.entity.id}}', 'e-1'],
    ['{{ identity.entity.name }}', 'bob'],
    ['a/{{identity.entity.metadata.team}}/{{identity.entity.name}}', 'a/blue/bob'],
    ['a/{{identity.entity.metadata.empty}}x', 'a/x'],
    ['{{identity.entity.metadata.empty}}/a', 'a'],
    ['a/{{identity.entity.metadata.braces}}', 'a/{{x}}'],
    ['{{identity.entity.aliases.auth_1.name}}', 'bob@corp'],
    ['{{identity.entity.aliases.auth_1.id}}', 'al-1'],
    ['{{identity.entity.aliases.auth_1.metadata.m}}', 'mv'],
    ['{{identity.entity.aliases.auth_1.custom_metadata.desk}}', '7'],
    ['{{identity.groups.names.grp.id}}', 'g-1'],
    ['{{identity.groups.names.grp.metadata.k}}', 'gv'],
    ['x{{identity.groups.names.grp.metadata.e}}', 'x'],
    ['{{identity.groups.ids.g-2.name}}', 'grp'],
    ['{{time.now}}', '1795521600'],
    ['{{time.now.plus.1h}}', '1795525200'],
    ['{{time.now.minus.10}}', '1795521590'],
    ['{{time.now.plus.-5}}', '1795521595'],
  ])('%s is %s', (path, made) => {
    expect(withFlags(path).rules.map(it => it.key)).toContain(made)
  })

  it.each([
    'identity.entity.metadata.none',
    'identity.entity.metadata',
    'identity.entity.metadata.',
    'identity.entity.metadata.toString',
    'identity.entity.groups.names',
    'identity.entity.aliases.auth_1',
    'identity.entity.aliases.auth_2.name',
    'identity.entity.aliases.auth_1.metadata.none',
    'identity.groups.names.other.id',
    'identity.groups.names.grp.metadata',
    'identity.groups.names.grp',
    'identity.groups.foo.grp.id',
    'identity.groups.ids',
    'Identity.entity.id',
    'time.now.plus',
    'time.nowx',
    'time.now.times.2',
    'time.now.plus.soon',
    'nosuch.thing',
    '',
  ])('{{%s}} cannot be resolved, and its rule disappears', selector => {
    const acl = withFlags(`a/{{${selector}}}`)
    expect(acl.rules.map(it => it.key)).toEqual(['b'])
    expect(acl.dropped).toMatchObject([{ why: { is: 'unresolved' } }])
  })

  it.each(['a}}', 'a/{{b', '{{a}}}}', '{{a{{b}}c}}'])('with the braces of %s is none, and its rule disappears', path => {
    const acl = compileAcl([{ name: 'p', rules: [{ path, capabilities: ['read'] }] }], { now, facts })
    expect(acl.dropped).toMatchObject([{ why: { is: 'unresolved', detail: 'unbalanced braces' } }])
  })

  it('takes no empty name, and no empty id', () => {
    const doc = policyOf('p', read('{{identity.entity.name}}') + read('{{identity.entity.id}}'))
    expect(compileAcl([doc], { now, facts: { entity: { id: '', name: '' } } }).dropped).toHaveLength(2)
  })

  it('needs an entity, and groups', () => {
    const doc = policyOf('p', read('{{identity.entity.id}}') + read('{{identity.groups.ids.g-1.name}}'))
    expect(compileAcl([doc], { now }).dropped).toHaveLength(2)
    expect(compileAcl([doc], { now, facts: { entity: { id: 'e', name: 'n' } } }).dropped).toHaveLength(1)
  })

  it('sees only the groups of its namespace by name', () => {
    const doc = { ...policyOf('p', read('{{identity.groups.names.grp.id}}')), namespace: 'team/' }
    expect(compileAcl([doc], { now, facts }).rules.map(it => it.key)).toEqual(['team/g-2'])
  })

  it.each([
    ['both', {}, '/'],
    ['both', { allowWildcards: true }, '/'],
    ['both', { allowSlashes: true }, '*'],
    ['plus', {}, '+'],
  ] as const)('with the value of %s and %j makes the token unusable because of %s', (name, flags, character) => {
    const path = `a/{{identity.entity.metadata.${name}}}`
    const acl = withFlags(path, flags)
    expect(acl.failure).toEqual({
      reason: 'forbidden-value',
      policy: { name: 'p', namespace: '' },
      message: `error parsing templated policy "p": failed to parse policy: path "${path}": template substitution contains forbidden value: "${character}"`,
    })
    expect(acl.decide({ path: 'b', op: 'help', sudoPath: false })).toMatchObject({ allowed: false, reason: 'unusable' })
    expect(acl.capabilities('b')).toEqual(['deny'])
    expect(acl.mayReachMount('b/')).toBe(false)
  })

  it('lets the first of several decide', () => {
    const [none, star] = ['{{identity.entity.metadata.none}}', '{{identity.entity.metadata.star}}']
    expect(withFlags(`${none}/${star}`).failure).toBeUndefined()
    expect(withFlags(`${star}/${none}`).failure).toBeDefined()
  })

  it('counts in a rule that has expired too', () => {
    const doc = policyOf('p', read('a/{{identity.entity.metadata.star}}', 'expiration = "2020-01-01T00:00:00Z"'), now)
    expect(compileAcl([doc], { now, facts }).failure).toMatchObject({ reason: 'forbidden-value' })
  })

  it('may bring wildcards where the policy allows them', () => {
    const both = { allowSlashes: true, allowWildcards: true }
    expect(withFlags('a/{{identity.entity.metadata.star}}', both).rules[0]).toMatchObject({ kind: 'prefix', key: 'a/a' })
    expect(withFlags('a/{{identity.entity.metadata.plus}}/x', both).rules[0]).toMatchObject({ kind: 'segment', key: 'a/+/x' })
    expect(withFlags('{{identity.entity.metadata.lead}}', both).rules[0]).toMatchObject({ kind: 'exact', key: 'x' })
    expect(withFlags('a/{{identity.entity.metadata.plus}}*', both).failure).toMatchObject({
      reason: 'forbidden-wildcard',
      message: `error parsing templated policy "p": failed to parse policy: path "a/{{identity.entity.metadata.plus}}*": path "a/+*": invalid use of wildcards ('+*' is forbidden)`,
    })
  })

  it('with the time in it holds until the second is over', () => {
    expect(withFlags('{{time.now}}').validUntil).toEqual(new Date('2026-11-24T12:00:00.999Z'))
  })

  it('can make rules equal, which then merge', () => {
    const acl = withFlags('b{{identity.entity.metadata.empty}}')
    expect(acl.rules).toMatchObject([{ key: 'b', sources: [{ part: 'first' }, { part: 'merged' }] }])
  })
})

describe('keys with bytes that are no UTF-8', () => {
  it('are compared byte by byte', () => {
    const acl = compileAcl([policyOf('p', read('kv/\\xc3*') + read('kv/\\xff') + 'path "kv/+/\\xf0*" { capabilities = ["list"] }')], {
      now,
    })
    expect(acl.capabilities('kv/é')).toEqual(['read'])
    expect(acl.capabilities('kv/e')).toEqual(['deny'])
    expect(acl.capabilities('kv/\udcff')).toEqual(['read'])
    expect(acl.capabilities('kv/\ufffd')).toEqual(['deny'])
    expect(acl.capabilities('kv/x/🔒')).toEqual(['list'])
    expect(acl.explain({ path: 'kv/é', op: 'read', sudoPath: false }).candidates).toMatchObject([{ rule: { kind: 'prefix' } }])
  })
})
