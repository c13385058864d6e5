import { describe, expect, it } from 'vitest'
import { type AccessChange, accessDelta, type CompileOptions, type HeldPolicy } from '../../../src/policy/index.ts'
import { policyOf } from '../policy-of.ts'

const now = new Date('2026-11-28T12:00:00Z')
const policy = (name: string, text: string): HeldPolicy => policyOf(name, text, now)

const short = ({ change, capabilities, path, except }: AccessChange): string =>
  `${change} ${capabilities.join(',')} on ${path}${except.length === 0 ? '' : ` except ${except.join(' ')}`}`

/** The changes from one text to another. */
function delta(before: string, after: string, options: Partial<CompileOptions> = {}): readonly string[] {
  return accessDelta([policy('p', before)], [policy('p', after)], { now, ...options }).changes.map(short)
}

const allow = (path: string, ...capabilities: readonly string[]): string =>
  `path "${path}" { capabilities = [${capabilities.map(it => `"${it}"`).join(', ')}] }\n`

describe('an access delta', () => {
  it('is empty for texts that only say the same otherwise', () => {
    expect(delta(allow('a/*', 'read', 'list'), `# why\n${allow('/a/*', 'list', 'read', 'read')}`)).toEqual([])
    expect(delta(allow('a/*', 'read') + allow('a/b', 'read'), allow('a/*', 'read'))).toEqual([])
    expect(delta(allow('a', 'deny'), '# nothing')).toEqual([])
  })

  it('leaves out what another rule answers', () => {
    expect(
      delta(
        allow('secret/data/payments/admin/*', 'deny'),
        allow('secret/data/payments/admin/*', 'deny') + allow('secret/data/payments/*', 'read'),
      ),
    ).toEqual(['gained read on secret/data/payments/* except secret/data/payments/admin/*'])
  })

  it('names a wide rule once, though narrower ones give the same', () => {
    const narrow = allow('a/b', 'read') + allow('a/c/*', 'read') + allow('a/+/d', 'read')
    expect(delta('# nothing', narrow + allow('a/*', 'read'))).toEqual(['gained read on a/*'])
  })

  it('shows that a policy more takes access away', () => {
    const wide = policy('wide', allow('kv/*', 'read', 'list', 'update'))
    const narrow = policy('narrow', allow('kv/app', 'read'))
    const { changes } = accessDelta([wide], [wide, narrow], { now })
    expect(changes.map(short)).toEqual(['lost update on kv/app', 'lost list on kv/app/'])
    expect(changes[0]).toMatchObject({
      answeredBefore: [{ path: 'kv/*', policies: ['wide'], denies: false }],
      answeredAfter: [{ path: 'kv/app', policies: ['narrow'], denies: false }],
    })
  })

  it('knows which of two wildcard rules wins, and that a deny may have no force', () => {
    expect(delta(allow('a/*', 'read'), allow('a/*', 'read') + allow('a/+/private/*', 'deny'))).toEqual([])
    expect(delta(allow('a/b*', 'read'), allow('a/b*', 'read') + allow('a/+/private', 'deny'))).toEqual([])
    expect(delta(allow('a*', 'read'), allow('a*', 'read') + allow('a/+/private', 'deny'))).toEqual(['lost read on a/+/private'])
  })

  it('says what only two rules together can mean', () => {
    expect(delta(allow('a/+', 'read'), allow('a/+', 'read') + allow('a/b*', 'deny'))).toEqual(['lost read on a/b(+)'])
  })

  it('asks for lists with their final slash, and for rules that answer without it', () => {
    expect(delta('# nothing', allow('kv/metadata/app', 'list'))).toEqual(['gained list on kv/metadata/app/'])
    expect(delta('# nothing', allow('kv/+', 'list'))).toEqual(['gained list on kv/', 'gained list on kv/+/'])
  })

  it('tells limits that allow more from limits that allow less', () => {
    const writes = (more: string): string => `path "a" {\n  capabilities = ["update"]\n  ${more}\n}\n`
    expect(delta(writes(''), writes('allowed_parameters = { ttl = ["1h"] }'))).toEqual(['narrowed update on a'])
    expect(delta(writes('allowed_parameters = { ttl = ["1h"] }'), writes('allowed_parameters = { ttl = [] }'))).toEqual([
      'widened update on a',
    ])
    expect(delta(writes('denied_parameters = { a = [] }'), writes('denied_parameters = { b = [] }'))).toEqual([
      'limited otherwise update on a',
    ])
    expect(delta(writes('required_parameters = ["a"]'), writes('required_parameters = ["a"]\n  denied_parameters = { a = [] }'))).toEqual([
      'lost update on a',
    ])
    const [shortest, longest] = [policy('a', writes('min_wrapping_ttl = 60')), policy('b', writes('max_wrapping_ttl = 50'))]
    expect(accessDelta([shortest], [shortest, longest], { now }).changes.map(short)).toEqual(['lost update on a'])
    expect(delta(writes('allowed_parameters = { a = ["x*", "xy"] }'), writes('allowed_parameters = { a = ["x*"], b = [5] }'))).toEqual([])
  })

  it('says what the limits are', () => {
    const before = 'path "a" { capabilities = ["create", "list"] }'
    const after = `path "a" {
      capabilities = ["create", "list"]
      allowed_parameters = { ttl = ["1h", "2*"], name = [] }
      denied_parameters = { ttl = ["2d"] }
      required_parameters = ["name"]
      pagination_limit = 10
      min_wrapping_ttl = "1m"
      max_wrapping_ttl = "2m"
    }`
    const { changes } = accessDelta([policy('p', before)], [policy('p', after)], { now })
    expect(changes.map(it => [it.change, it.capabilities, it.limitsAfter])).toEqual([
      ['narrowed', ['create'], ['wrapped for 60s to 120s', 'must send name', 'may send only name; ttl = "2*", "1h" but "2d"']],
      ['narrowed', ['list'], ['wrapped for 60s to 120s', 'at most 10 entries a page']],
    ])
  })

  it('takes a template as a text that nobody knows', () => {
    const own = 'kv/{{identity.entity.name}}/*'
    expect(delta(allow(own, 'read'), allow('kv/{{ identity.entity.name }}/*', 'read', 'update'))).toEqual([`gained update on ${own}`])
    expect(delta(allow('kv/*', 'read'), allow('kv/*', 'read') + allow(own, 'deny'))).toEqual([`lost read on ${own}`])
    expect(delta(allow(own, 'read'), allow(own, 'read') + allow('kv/{{identity.nobody}}', 'read'))).toEqual([])
  })

  it('looks at those for whom a template has no value too', () => {
    const own = allow('kv/{{identity.entity.id}}', 'read')
    const { changes } = accessDelta([policy('p', own + allow('kv/+', 'read'))], [policy('p', own)], { now })
    expect(changes.map(it => [short(it), it.unresolved === true])).toEqual([
      ['lost read on kv/+ except kv/{{identity.entity.id}}', false],
      ['lost read on kv/+', true],
    ])
  })

  it('resolves templates where the holder is known', () => {
    const facts = { entity: { id: 'e1', name: 'ann' } }
    expect(delta('# nothing', allow('kv/{{identity.entity.name}}', 'read'), { facts })).toEqual(['gained read on kv/ann'])
  })

  it('follows rules that expire', () => {
    const until = `path "a" {\n  capabilities = ["read"]\n  expiration = "2026-12-24T00:00:00Z"\n}\n`
    const gained = accessDelta([policy('p', '# nothing')], [policy('p', until)], { now }).changes
    expect(gained.map(it => [short(it), it.until])).toEqual([['gained read on a', new Date('2026-12-24T00:00:00Z')]])
    const later = accessDelta([policy('p', allow('a', 'read'))], [policy('p', until)], { now }).changes
    expect(later.map(it => [short(it), it.from])).toEqual([['lost read on a', new Date('2026-12-24T00:00:00Z')]])
  })

  it('knows the root policy and policies that cannot be used together', () => {
    const root: HeldPolicy = { name: 'root', rules: [] }
    const one = policy('one', allow('a', 'read'))
    expect(accessDelta([one], [root], { now }).changes.map(short)).toEqual([
      'gained create,update,patch,delete,list,scan,sudo on *',
      'gained read on * except a',
    ])
    const both = accessDelta([one], [root, one], { now })
    expect(both.failure?.after?.reason).toBe('root-with-others')
    expect(both.changes.map(short)).toEqual(['lost read on a'])
  })

  it('counts in bytes where a rule does', () => {
    expect(delta('# nothing', allow('é\\xc3*', 'read')).length).toBe(1)
    expect(delta(allow('é*', 'read'), allow('é*', 'read') + allow('é/🔒', 'deny'))).toEqual(['lost read on é/🔒'])
  })

  it('only looks at what differs, among thousands of rules', () => {
    const many = Array.from({ length: 2000 }, (_it, i) => allow(`secret/data/team-${i}/*`, 'read', 'list')).join('')
    const before = [policy('many', many)]
    const { changes } = accessDelta(before, [...before, policy('one', allow('secret/data/team-17/admin/*', 'deny'))], { now })
    expect(changes.map(short)).toEqual(['lost read,list on secret/data/team-17/admin/*'])
    const all = accessDelta([], [...before, policy('wide', allow('*', 'read', 'list'))], { now })
    expect(all.changes.map(short)).toEqual(['gained read,list on *'])
  })
})
