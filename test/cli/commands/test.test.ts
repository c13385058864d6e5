import { describe, expect, it } from 'vitest'
import type { Files } from '../../reconciler/harness/repository.ts'
import { commitAll } from '../../reconciler/harness/git.ts'
import { folder, put } from '../../reconciler/harness/run.ts'
import { runLine, type Ran } from '../context.ts'

const repository: Files = {
  'policies/read.hcl': `path "secret/data/*" {
  capabilities = ["read"]
}

path "secret/data/admin/*" {
  capabilities = ["deny"]
}

path "home/{{identity.entity.name}}/*" {
  capabilities = ["read"]
}
`,
  'policies/form.hcl': `path "form" {
  capabilities        = ["update"]
  required_parameters = ["name"]
  min_wrapping_ttl    = "1m"
}
`,
  'roles/approle.yaml': 'type: approle\nroles:\n  api: { token_policies: [read] }\n  form: { token_policies: [form] }\n',
  'roles/token.yaml': 'roles:\n  any: { allowed_policies: [read] }\n',
}

async function test(tests: string, ...args: readonly string[]): Promise<Ran> {
  const dir = await folder({ ...repository, 'tests/access.yaml': tests })
  return await runLine(['test', ...args], { cwd: dir })
}

const good = `tests:
  - name: api reads
    role: api
    allow: [read secret/data/x]
    deny:
      - { request: read secret/data/admin/x, because: deny, by: 'read secret/data/admin/*' }
      - update secret/data/x
  - name: the form wants a name, and its answer wrapped
    policies: [form]
    allow:
      - { request: update form, parameters: { name: x }, wrap_ttl: 90s }
    deny:
      - { request: update form, parameters: { name: x }, because: wrapping }
      - { request: update form, wrap_ttl: 90s, because: parameter }
  - name: ann has a home
    policies: [read]
    with: { identity.entity.name: ann }
    capabilities: { home/ann/x: [read], home/bob/x: [] }
  - name: nobody else reads
    nobody_but: [api, token/any]
    can: [read secret/data/x]
tables:
  - name: who reads
    paths: [secret/data/x, form]
    rows:
      api: [read, '-']
      form: ['-', '-']
`

describe('lockstep test', () => {
  it('is silent of what is as it should be, and exits with 0', async () => {
    const { code, stdout, stderr } = await test(good)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('  ✓ api reads (3 checks)\n')
    expect(stdout).toContain('  ✓ who reads: form (14 checks)\n')
    expect(stdout).toContain('6 tests, 49 checks, all as they should be\n')
  })

  it('says of a failure where it is asked for, what is so, and which rule answers', async () => {
    const { code, stdout } = await test(`tests:
  - name: wrong in every way
    role: api
    allow:
      - read secret/data/admin/x
      - { request: read secret/data/x, by: form }
    deny:
      - read secret/data/x
      - { request: update secret/data/x, because: no-rule }
  - name: not alone
    nobody_but: [api]
    can: [read secret/data/x, update form]
`)
    expect(code).toBe(2)
    expect(stdout).toBe(`tests/access.yaml
  ✗ wrong in every way (4 checks)
      tests/access.yaml:5:9: read secret/data/admin/x is to be allowed, and is denied: the rule that answers says deny
        the rule for "secret/data/admin/*" answers (policies/read.hcl:5:1)
      tests/access.yaml:6:20: read secret/data/x is to be answered by a rule of form
        the rule for "secret/data/*" answers (policies/read.hcl:1:1)
      tests/access.yaml:8:9: read secret/data/x is to be denied, and is allowed
        the rule for "secret/data/*" answers (policies/read.hcl:1:1)
      tests/access.yaml:9:20: update secret/data/x is to be denied because of no-rule, and is because of missing-capability
        the rule for "secret/data/*" answers (policies/read.hcl:1:1)
  ✗ not alone (2 checks)
      tests/access.yaml:12:11: auth/token/roles/any can read secret/data/x too
        the rule for "secret/data/*" answers (policies/read.hcl:1:1)
      tests/access.yaml:12:31: auth/approle/role/api: update form is to be allowed, and is denied: no rule fits the path

2 tests, 6 checks, 2 failed
`)
  })

  it('tells which rules no test has asked, and fails under a share', async () => {
    const some = 'tests:\n  - { name: one, policies: [read], allow: [read secret/data/x] }\n'
    const told = await test(some, '-coverage')
    expect(told).toMatchObject({ code: 0 })
    expect(told.stdout).toContain('1 of 4 rules are covered (25 %)\n  not covered: policies/form.hcl:1:1 "form"\n')
    expect((await test(some, '-fail-under=25')).code).toBe(0)
    expect((await test(some, '-fail-under=26')).code).toBe(2)
    expect((await test(good, '-fail-under=100')).code).toBe(0)
  })

  it('gives JSON and JUnit', async () => {
    const bad = 'tests:\n  - { name: "a <b>", role: api, deny: [read secret/data/x] }\n'
    const { stdout } = await test(bad, '-format=json', '-coverage')
    expect(JSON.parse(stdout)).toMatchObject({
      ok: false,
      tests: [{ name: 'a <b>', file: 'tests/access.yaml', line: 2, ok: false, checks: 1, failures: [{ line: 2, column: 40 }] }],
      coverage: { rules: 4, covered: 1, percent: 25 },
    })
    const junit = (await test(bad, '-format=junit', '-fail-under=50')).stdout
    expect(junit).toContain('<testsuites name="lockstep test" tests="2" failures="2" errors="0">')
    expect(junit).toContain('<testcase name="a &lt;b&gt;" classname="tests/access.yaml" file="tests/access.yaml" line="2">')
    expect(junit).toContain('<failure message="read secret/data/x is to be denied, and is allowed">')
    expect(junit).toContain('<testcase name="rules covered by tests" classname="lockstep.coverage">')
  })

  it('runs those that are asked for', async () => {
    expect((await test(good, '-run=ann')).stdout).toContain('1 test, 14 checks')
    expect((await test(good, 'tests/access.yaml')).code).toBe(0)
    expect(await test(good, 'tests/none.yaml')).toMatchObject({ code: 1, stderr: 'there are no access tests at tests/none.yaml\n' })
  })

  it('takes files and tests as a commit has them, and those of a target over the others', async () => {
    const one = 'tests:\n  - { name: one, policies: [read], allow: [read secret/data/x] }\n'
    const dir = await folder({ ...repository, 'tests/access.yaml': one, 'targets/prod/policies/read.hcl': '# nothing\n' })
    await commitAll(dir, 'all of it')
    await put(dir, { 'policies/read.hcl': '# nothing\n', 'tests/access.yaml': 'tests: []\n' })
    expect((await runLine(['test'], { cwd: dir })).code).toBe(1)
    expect((await runLine(['test', '-commit=HEAD'], { cwd: dir })).stdout).toContain('1 test, 1 check, all as they should be')
    expect((await runLine(['test', '-commit=HEAD', '-environment=prod'], { cwd: dir })).code).toBe(2)
    expect(await runLine(['test', '-commit=none'], { cwd: dir })).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('none') as string,
    })
  })

  it.each([
    ['tests:\n  - { name: a, rolle: api }\n', 'tests/access.yaml:2:16: unknown key "rolle" in a test; did you mean role?'],
    ['test: []\n', 'tests/access.yaml:1:1: unknown key "test" in a file of access tests; did you mean tests?'],
    ['tests:\n  - { name: a, allow: [read x] }\n', '2:5: a test says whose requests it is about'],
    ['tests:\n  - { name: a, role: api }\n', '2:5: a test says what must be so: allow, deny or capabilities'],
    ['tests:\n  - { role: api, allow: [read x] }\n', '2:5: a test needs a name'],
    ['tests:\n  - { name: a, role: api, allow: [raed x] }\n', '2:35: unknown operation "raed"; expected one of create, read,'],
    ['tests:\n  - { name: a, role: api, allow: [write x] }\n', 'did you mean create or update?'],
    ['tests:\n  - { name: a, role: api, allow: [read] }\n', '2:35: expected an operation and a path'],
    ['tests:\n  - { name: a, role: api, allow: [{ request: read x, because: deny }] }\n', 'it has no place below allow'],
    ['tests:\n  - { name: a, role: api, deny: [{ request: read x, because: parametre }] }\n', 'did you mean parameter?'],
    ['tests:\n  - { name: a, role: api, capabilities: { x: [read, lst] } }\n', 'unknown operation "lst"'],
    ['tests:\n  - { name: a, policies: [read], with: { entity.nam: x }, allow: [read x] }\n', 'with: "entity.nam" is no selector'],
    ['tests:\n  - { name: a, role: ap, allow: [read x] }\n', 'tests/access.yaml:2:22: there is no role ap; did you mean api?'],
    ['tests:\n  - { name: a, policies: [reed], allow: [read x] }\n', '2:26: there is no policy reed; did you mean read?'],
    ['tables:\n  - { name: a, paths: [x, y], rows: { api: [read] } }\n', 'api: expected a list of 2 cells, one for each path, found 1'],
    ['tests: [\n', 'tests/access.yaml:'],
    ['tests: []\n', 'there are no access tests here'],
  ])('cannot run %j', async (tests, words) => {
    const { code, stdout, stderr } = await test(tests)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(words)
  })
})
