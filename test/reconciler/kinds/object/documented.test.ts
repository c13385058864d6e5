import { describe, expect, it } from 'vitest'
import { mountTypeOf } from '../../../../src/reconciler/shapes/index.ts'
import { FakeTarget } from '../../harness/fake-target.ts'
import { findingsOf, type Files } from '../../harness/repository.ts'
import { applied, folder, planOf } from '../../harness/run.ts'

/** Types of which no server is at hand: their tables come from the API's documents, and a target in memory answers what it was given. */
const files: Files = {
  'lockstep.yaml': 'ownership: { owner: documented, ledger_key: { $env: LEDGER_KEY } }\n',
  'policies/a.hcl': '# a\n',
  'policies/b.hcl': '# b\n',
  'roles/ldap.yaml': `type: ldap
config:
  url: ldaps://directory.example
  binddn: cn=vault,dc=example
  bindpass: { $env: BIND }
  userdn: ou=people,dc=example
  userattr: sAMAccountName
  token_ttl: 1h
groups:
  Platform Team: { policies: [b, A] }
users:
  ann: { policies: [a], groups: [platform team] }
`,
  'engines/aws.yaml': `type: aws
config: { access_key: AKIA0, secret_key: { $env: SECRET }, region: eu-central-1 }
lease: { lease: 30m, lease_max: 12h }
roles:
  deploy: { credential_type: assumed_role, role_arns: ["arn:aws:iam::1:role/b", "arn:aws:iam::1:role/a"], max_sts_ttl: 1h }
  backup:
    credential_type: iam_user
    policy_document: |
      { "Version": "2012-10-17", "Statement": [] }
static-roles:
  ci: { username: ci, rotation_period: 24h }
`,
}
const env = { BIND: 'planted-bind', SECRET: 'planted-secret', LEDGER_KEY: 'a key that nobody guesses' }

describe('what only the documents of an API tell', () => {
  it('is written in the API’s own words, and found again as it was written', async () => {
    const [dir, target] = [await folder(files), new FakeTarget()]
    expect((await applied(dir, target, {}, { env })).outcome).toBe('done')
    expect(target.objects.get('auth/ldap/config')).toMatchObject({ bindpass: 'planted-bind', userattr: 'samaccountname', token_ttl: 3600 })
    expect(target.objects.get('auth/ldap/groups/platform team')).toMatchObject({ policies: ['a', 'b'] })
    expect(target.objects.get('aws/config/root')).toMatchObject({ access_key: 'AKIA0', secret_key: 'planted-secret' })
    expect(target.objects.get('aws/roles/backup')).toMatchObject({ policy_document: '{"Version":"2012-10-17","Statement":[]}' })
    const plan = await planOf(dir, target, { env })
    expect(plan.steps.map(it => [it.address, it.changed])).toEqual([])
    expect(plan.findings.map(it => it.code)).toEqual(['LOAD0013'])
  })

  it.each([
    ['roles:\n  r: {}', 'a role needs credential_type'],
    ['roles:\n  r: { credential_type: assumed_role }', 'need role_arns'],
    ['roles:\n  r: { credential_type: iam_user, role_arns: [a] }', 'have no role_arns'],
    ['roles:\n  r: { credential_type: iam_user, policy_document: "no" }', 'no JSON object'],
    ['config: { secret_key: in-clear }', 'stands in clear'],
  ])('%s is refused', (text, why) => {
    expect(findingsOf({ 'engines/aws.yaml': `type: aws\n${text}\n` }).join('\n')).toContain(why)
  })

  it('knows what is a password', () => {
    const secrets = [
      ...Object.values(mountTypeOf('auth', 'ldap')?.sections ?? {}),
      ...Object.values(mountTypeOf('engine', 'aws')?.sections ?? {}),
    ].flatMap(({ shape }) => Object.entries(shape).flatMap(([name, { secret }]) => (secret ? name : [])))
    expect(secrets.sort()).toEqual(['bindpass', 'client_tls_cert', 'client_tls_key', 'secret_key'])
  })
})
