import { describe, expect, it } from 'vitest'
import { folder } from '../../reconciler/harness/run.ts'
import type { Files } from '../../reconciler/harness/repository.ts'
import { runLine, type Ran } from '../context.ts'

const files: Files = {
  'policies/read.hcl': `path "secret/data/*" {
  capabilities = ["read", "list"]
}

path "secret/data/admin/*" {
  capabilities = ["deny"]
}

path "secret/data/old/*" {
  capabilities = ["read", "update"]
  expiration   = "2020-01-01T00:00:00Z"
}
`,
  'policies/write.hcl': `path "secret/data/wrapped" {
  capabilities     = ["read"]
  min_wrapping_ttl = "1m"
  max_wrapping_ttl = "5m"
}

path "secret/data/form" {
  capabilities        = ["update"]
  required_parameters = ["name"]
  allowed_parameters  = {
    "name" = []
    "kind" = ["a"]
  }
}

path "secret/metadata" {
  capabilities     = ["list"]
  pagination_limit = 10
}

path "sys/seal" {
  capabilities = ["update"]
}

path "home/{{identity.entity.name}}/*" {
  capabilities = ["read"]
}
`,
  'roles/approle.yaml': 'type: approle\nroles:\n  api: { token_policies: [read, gone] }\n  writer: { token_policies: [write] }\n',
  'roles/token.yaml': 'roles:\n  any: { allowed_policies: [read, write] }\n',
}

async function run(...args: readonly string[]): Promise<Ran> {
  return await runLine(args, { cwd: await folder(files) })
}

interface Said {
  readonly allowed: boolean
  readonly operation: string
  readonly path: string
  readonly reason?: string
  readonly parameter?: string
}

const reasonOf = async (...args: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await run('explain', '-format=json', ...args)
  expect(stderr).toBe('')
  const { allowed, reason = '', parameter, operation, path } = JSON.parse(stdout) as Said
  expect(code).toBe(allowed ? 0 : 2)
  expect([operation, typeof path]).toEqual([args.find(it => !it.startsWith('-')), 'string'])
  return allowed ? 'allowed' : parameter === undefined ? reason : `${reason} ${parameter}`
}

describe('lockstep explain', () => {
  it('shows the rule that answers with its place, and why the others lost', async () => {
    expect(await run('explain', '-policy=read', 'read', 'secret/data/admin/x')).toEqual({
      code: 2,
      stderr: '',
      stdout: `denied: read secret/data/admin/x
  deny: the rule that answers says deny

  rule  "secret/data/admin/*"  deny
        read, policies/read.hcl:5:1
  lost  "secret/data/*"  list, read  (its first wildcard stands earlier)
        read, policies/read.hcl:1:1
  held  read
`,
    })
  })

  it.each([
    ['-policy=read', 'read', 'secret/data/x', 'allowed'],
    ['-policy=read', 'read', 'other/x', 'no-rule'],
    ['-policy=read', 'delete', 'secret/data/x', 'missing-capability'],
    ['-policy=read', 'update', 'secret/data/old/x', 'expiration'],
    ['-policy=write', 'read', 'secret/data/wrapped', 'wrapping'],
    ['-policy=write', 'update', 'sys/seal', 'sudo'],
    ['-policy=root', 'update', 'sys/seal', 'allowed'],
  ])('with %s says of %s %s: %s', async (who, op, path, reason) => {
    expect(await reasonOf(who, op, path)).toBe(reason)
  })

  it('takes parameters, limits of lists and wrapping into account', async () => {
    expect(await reasonOf('-policy=write', 'update', 'secret/data/form', 'kind=a')).toBe('parameter name')
    expect(await reasonOf('-policy=write', 'update', 'secret/data/form', 'name=x', 'kind=b')).toBe('parameter kind')
    expect(await reasonOf('-policy=write', 'update', 'secret/data/form', 'name=x', 'kind=a')).toBe('allowed')
    expect(await reasonOf('-policy=write', 'list', 'secret/metadata', 'limit=20')).toBe('pagination')
    expect(await reasonOf('-policy=write', '-wrap-ttl=90s', 'read', 'secret/data/wrapped')).toBe('allowed')
  })

  it('never shows the value of a parameter', async () => {
    const { stdout } = await run('explain', '-policy=write', 'update', 'secret/data/form', 'name=x', 'kind=hunter2')
    expect(stdout).toContain('parameter: the value of the parameter "kind" is not among those that allowed_parameters names')
    expect(stdout).not.toContain('hunter2')
  })

  it('resolves templates with what is said of the identity', async () => {
    expect(await reasonOf('-policy=write', 'read', 'home/ann/x')).toBe('no-rule')
    expect((await run('explain', '-policy=write', 'read', 'home/ann/x')).stdout).toContain(
      'gone  "home/{{identity.entity.name}}/*"  cannot be resolved: the token has no entity (write, policies/write.hcl:25:1)',
    )
    expect(await reasonOf('-policy=write', '-with=identity.entity.name=ann', 'read', 'home/ann/x')).toBe('allowed')
    expect(await reasonOf('-policy=write', '-with=entity.name=bob', 'read', 'home/ann/x')).toBe('no-rule')
  })

  it('finds a role by its address or the end of it, and says which of its policies are not known', async () => {
    const { stdout } = await run('explain', '-role=api', 'read', 'secret/data/x')
    expect(stdout).toContain('held  default, gone, read (auth/approle/role/api)')
    expect(stdout).toContain('note  the policy gone is not known here, and gives nothing')
    expect(await reasonOf('-role=auth/token/roles/any', '-wrap-ttl=90s', 'read', 'secret/data/wrapped')).toBe('allowed')
    expect(await reasonOf('-role=approle/api', '-role=writer', '-wrap-ttl=90s', 'read', 'secret/data/wrapped')).toBe('allowed')
  })

  it('takes a file for a policy, in a repository or without', async () => {
    const dir = await folder({ 'draft.hcl': 'path "a" {\n  capabilities = ["read"]\n}\n' })
    const { code, stdout } = await runLine(['explain', '-policy=draft.hcl', 'read', 'a'], { cwd: dir })
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('draft.hcl:1:1') as string })
    const both = await folder({ ...files, 'draft.hcl': 'path "secret/data/x" {\n  capabilities = ["deny"]\n}\n' })
    expect((await runLine(['explain', '-policy=read,draft.hcl', 'read', 'secret/data/x'], { cwd: both })).code).toBe(2)
  })

  it.each([
    [['read', 'a'], 'say whose request it is: with -policy and -role, or with -token, or with -accessor'],
    [['-policy=reed', 'read', 'a'], 'there is no policy reed; did you mean read?'],
    [['-role=app', 'read', 'a'], 'there is no role, entity, group or token role app; did you mean api?'],
    [
      ['-policy=read', 'write', 'a'],
      'unknown operation "write"; expected one of create, read, update, patch, delete, list, scan; did you mean create or update?',
    ],
    [['-policy=read', '-with=entity.nam=x', 'read', 'a'], '"entity.nam" is no selector'],
    [['-policy=none.hcl', 'read', 'a'], 'cannot read none.hcl'],
  ])('refuses %j with words that help', async (args, words) => {
    const { code, stderr } = await run('explain', ...args)
    expect(code).toBe(1)
    expect(stderr).toContain(words)
  })

  it('concludes nothing from files that are not right', async () => {
    const dir = await folder({ 'policies/a.hcl': 'path "a" { capabilities = ["raed"] }\n' })
    const { code, stderr } = await runLine(['explain', '-policy=a', 'read', 'a'], { cwd: dir })
    expect(code).toBe(1)
    expect(stderr).toContain('policies/a.hcl:1:')
  })
})

describe('lockstep whocan', () => {
  it('names everybody with the rule that allows it', async () => {
    expect(await run('whocan', 'read', 'secret/data/x')).toEqual({
      code: 0,
      stderr: '',
      stdout: `who can read secret/data/x

  HOLDER                 KIND        POLICY  RULE           WHERE
  auth/approle/role/api  role        read    secret/data/*  policies/read.hcl:1:1
  auth/token/roles/any   token role  read    secret/data/*  policies/read.hcl:1:1
`,
    })
    expect((await run('whocan', 'read', 'nowhere')).stdout).toBe('nobody can read nowhere\n')
  })

  it('tells apart what depends on the identity', async () => {
    const { stdout } = await run('whocan', '-format=json', 'read', 'home/ann/x')
    const { holders } = JSON.parse(stdout) as { holders: readonly Readonly<Record<string, unknown>>[] }
    expect(holders.map(it => [it['holder'], it['depends_on_identity'], it['rule']])).toEqual([
      ['auth/approle/role/writer', true, 'home/{{identity.entity.name}}/*'],
      ['auth/token/roles/any', true, 'home/{{identity.entity.name}}/*'],
    ])
    const known = await run('whocan', '-with=entity.name=ann', 'read', 'home/ann/x')
    expect(known.stdout).toContain('policies/write.hcl:25:1')
    expect(known.stdout).not.toContain('depends')
  })
})
