import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { TemplateFailure } from '../../src/kernel/index.ts'
import { compileAcl, type FilteredList, type FilterPorts, rootAcl } from '../../src/policy/index.ts'
import { policyOf } from './policy-of.ts'
import { recordedCases } from './recorded-cases.ts'

const now = new Date('2026-11-24T12:00:00Z')
const ports: FilterPorts = {
  now,
  randomText: length => 'r'.repeat(length),
  uuid: () => 'a-uuid',
  sha256: text => createHash('sha256').update(text).digest('hex'),
  asksForSudo: path => path.startsWith('sys/audit'),
}
const keys = ['k1', 'k2', 'k3', 'sub/']
const list = (template: string): FilteredList => ({ template, path: 'acl1/dir/', namespace: '', keys })
const granted = 'path "acl1/dir/k1" { capabilities = ["read"] }\npath "acl1/dir/sub/*" { capabilities = ["list"] }'
const visible = (template: string, text = granted): readonly string[] =>
  compileAcl([policyOf('p', text)], { now }).visibleKeys(list(template), ports)

describe('the keys that a list filter lets through', () => {
  it.each(recordedCases.filter(it => it.id.startsWith('filter')))('are those of the server: $note', ({ policies, checks }) => {
    const acl = compileAcl(
      Object.entries(policies).map(([name, text]) => policyOf(name, text ?? '')),
      { now },
    )
    const decision = acl.decide({ path: 'acl1/dir', op: 'list', sudoPath: false })
    const template = decision.allowed ? (decision.listFilterTemplate ?? '') : ''
    expect(acl.visibleKeys(list(template), ports)).toEqual(checks?.[0]?.keys ?? [])
  })

  it.each([
    ['{{ .path }}{{ .key }}', ['k1', 'sub/']],
    ['acl1/dir/{{ .key | uppercase }}', []],
    ['{{ .path }}{{ .key | replace "k1" "k2" }}', ['sub/']],
    ['{{ if eq .key "k2" }}acl1/dir/k1{{ else }}no/{{ .key }}{{ end }}', ['k2']],
    ['{{ .path }}{{ .key | base64 | decode_base64 }}', ['k1', 'sub/']],
    ['{{ if glob "k*" .key }}{{ .path }}{{ .key }}{{ else }}{{ .key }}{{ end }}', ['k1']],
    ['{{ .path }}{{ urlquery .key }}', ['k1']],
    ['{{ .path }}{{ .key }} ', ['sub/']],
    ['{{ .key | sha256 }}', []],
  ])('of %s are those of the server', (template, shown) => {
    expect(visible(template)).toEqual(shown)
  })

  it('need whatever else the rule asks, of a request that sends nothing', () => {
    const limited = (limits: string): string => `path "acl1/dir/*" {\n capabilities = ["read", "list"]\n ${limits}\n}`
    expect(visible('{{ .path }}{{ .key }}', limited(''))).toEqual(keys)
    expect(visible('{{ .path }}{{ .key }}', limited('required_parameters = ["a"]'))).toEqual(['sub/'])
    expect(visible('{{ .path }}{{ .key }}', limited('min_wrapping_ttl = 5'))).toEqual([])
    expect(visible('sys/audit/{{ .key }}', 'path "sys/audit/*" { capabilities = ["read"] }')).toEqual([])
    expect(visible('sys/audit/{{ .key }}', 'path "sys/audit/*" { capabilities = ["read", "sudo"] }')).toEqual(['k1', 'k2', 'k3'])
  })

  it('are asked for in the namespace of the request', () => {
    const acl = compileAcl([{ ...policyOf('p', granted), namespace: 'team/' }], { now })
    expect(acl.visibleKeys({ ...list('{{ .path }}{{ .key }}'), namespace: 'team/' }, ports)).toEqual(['k1', 'sub/'])
    expect(acl.visibleKeys(list('{{ .path }}{{ .key }}'), ports)).toEqual([])
  })

  it('are none when the template fails', () => {
    expect(() => visible('{{ truncate 0 .key }}')).toThrow(TemplateFailure)
  })

  it('are all for root, and none for a token that cannot be used', () => {
    expect(rootAcl().visibleKeys(list('x'), ports)).toEqual(keys)
    expect(compileAcl([policyOf('root', ''), policyOf('a', granted)], { now }).visibleKeys(list('{{ .path }}{{ .key }}'), ports)).toEqual(
      [],
    )
  })
})
