import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { commitAll, git } from '../../reconciler/harness/git.ts'
import { runLine } from '../context.ts'

const files: Readonly<Record<string, string>> = {
  'roles/approle.yaml': 'type: approle\nroles:\n  app:\n    token_policies: [app]\n  ops:\n    token_policies: [app, ops]\n',
  'roles/token.yaml': 'roles:\n  deploy:\n    allowed_policies: [app, ops]\n',
  'policies/app.hcl': 'path "kv/data/app/*" {\n  capabilities = ["read", "update"]\n}\n',
  'policies/ops.hcl': 'path "sys/health" {\n  capabilities = ["read"]\n}\n',
  'policies/alone.hcl': 'path "alone" {\n  capabilities = ["read"]\n}\n',
}

let dir = ''
const put = async (path: string, text: string): Promise<void> => {
  await mkdir(dirname(join(dir, path)), { recursive: true })
  await writeFile(join(dir, path), text)
}
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-diff-'))
  for (const [path, text] of Object.entries(files)) await put(path, text)
})
afterEach(async () => await rm(dir, { recursive: true }))

const diff = (...args: readonly string[]): ReturnType<typeof runLine> => runLine(['diff', ...args], { cwd: dir })

describe('lockstep diff', () => {
  it('finds nothing where only texts differ', async () => {
    await put('old.hcl', files['policies/app.hcl'] ?? '')
    await put('new.hcl', `# why\n${files['policies/app.hcl']?.replace('"read", "update"', '"update", "read"') ?? ''}`)
    expect(await diff('old.hcl', 'new.hcl')).toEqual({ code: 0, stdout: 'Nobody gains or loses access.\n', stderr: '' })
  })

  it('compares commits with the work tree, holder by holder', async () => {
    await git(dir, 'init', '-q')
    await commitAll(dir, 'first')
    await put('policies/app.hcl', 'path "kv/data/app/*" {\n  capabilities = ["read"]\n}\n')
    await put(
      'policies/ops.hcl',
      'path "kv/data/app/db" {\n  capabilities = ["list"]\n}\npath "sys/policies/acl/*" {\n  capabilities = ["update"]\n}\n',
    )
    await put('policies/alone.hcl', '# nothing\n')
    const { code, stdout, stderr } = await diff('HEAD')
    expect({ code, stderr }).toEqual({ code: 2, stderr: '' })
    expect(stdout).toMatchInlineSnapshot(`
      "Access: 2 gains, 5 losses; 1 of them an escalation
        +! gained update on sys/policies/acl/*
            auth/approle/role/ops, auth/token/roles/deploy
            lets its holder rewrite any policy, its own too
        + gained list on kv/data/app/db/
            auth/approle/role/ops, auth/token/roles/deploy
        - lost update on kv/data/app/*
            auth/approle/role/app, auth/token/roles/deploy
            path "kv/data/app/*" of app answers
        - lost update on kv/data/app/*
            auth/approle/role/ops
            path "kv/data/app/*" of app, path "kv/data/app/db" of ops answers now, in place of path "kv/data/app/*" of app
        - lost read on kv/data/app/db
            auth/approle/role/ops
            path "kv/data/app/db" of ops answers now, in place of path "kv/data/app/*" of app
        - lost read on sys/health
            auth/approle/role/ops, auth/token/roles/deploy
        - lost read on alone
            whoever holds policy/alone
      "
    `)
    expect(await diff('HEAD', 'HEAD')).toMatchObject({ code: 0 })
  })

  it('prints JSON and Markdown, of some holders', async () => {
    await put('other/app.hcl', '# nothing\n')
    await put('old/app.hcl', files['policies/app.hcl'] ?? '')
    const { stdout } = await diff('-format=json', 'old', 'other')
    expect(JSON.parse(stdout)).toMatchObject({
      format_version: '1.0',
      access_changes: [{ holders: ['policy/app'], change: 'lost', capabilities: ['read', 'update'], path: 'kv/data/app/*' }],
    })
    expect((await diff('-format=markdown', 'old', 'other')).stdout).toContain('| lost | read, update | <code>kv/data/app/&#42;</code> |')
    expect((await diff('-holder=auth/*', 'old', 'other')).code).toBe(0)
  })

  it('says what cannot be read', async () => {
    await put('bad.hcl', 'path "a" {')
    expect((await diff('bad.hcl', 'policies/app.hcl')).code).toBe(1)
    expect((await diff('nowhere', 'policies/app.hcl')).stderr).toContain('nowhere')
    expect((await diff()).code).toBe(1)
    expect((await diff('-format=xml', 'a')).stderr).toContain('expected one of pretty, json, markdown')
  })
})
