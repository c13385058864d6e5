import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commitAll } from '../reconciler/harness/git.ts'
import { folder, put, take } from '../reconciler/harness/run.ts'
import { sample } from '../reconciler/harness/sample.ts'
import { freePort, lockstep, startPeer, type RunningServer } from './harness/server.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

describe('the commands of the reconciler', () => {
  let server: RunningServer
  let target: TestTarget
  let dir: string

  const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = dir): Promise<Ended> =>
    new Promise(resolve => {
      const inherited = { PATH: process.env['PATH'], HOME: server.home, NO_COLOR: '1', VAULT_ADDR: server.address, VAULT_TOKEN: 'root' }
      execFile(lockstep, args, { cwd, env: { ...inherited, ...env } }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr })
      })
    })
  const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1)

  beforeAll(async () => {
    server = await startPeer('dev')
    target = targetAt(server.address)
    dir = await folder()
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  /** A repository of its own for each test: other addresses, another owner. */
  async function repository(name: string): Promise<string> {
    const files = Object.entries(sample).map(
      ([path, text]) =>
        [path.replace(/^(roles|engines)\/(?!token)/, `$1/${name}-`), text.replace('owner: sample', `owner: ${name}`)] as const,
    )
    const renamed = files
      .filter(([path]) => path !== 'roles/token.yaml')
      .map(([path, text]) => [path.replace(/^policies\//, `policies/${name}/`), text] as const)
    dir = await folder(Object.fromEntries(renamed))
    return dir
  }

  it('plan, apply, and come to rest, in the repository around the current folder', async () => {
    const at = await repository('rest')
    const plan = await run(['plan'], {}, join(at, 'policies', 'rest'))
    expect(plan.code).toBe(0)
    expect(lastLine(plan.stdout)).toBe('Plan: 8 to add, 0 to change, 0 to destroy.')
    expect((await run(['plan', '-detailed-exitcode'])).code).toBe(2)
    const apply = await run(['apply', '-auto-approve'])
    expect(apply.code).toBe(0)
    expect(apply.stdout).toContain('[8/8]')
    expect(apply.stdout).toContain('Apply complete: 8 done.')
    expect(lastLine(apply.stdout)).toMatch(/^No changes\. /)
    expect((await run(['--detailed-exitcode', 'plan'])).code).toBe(0)
    expect(await run(['drift'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/No drift\./) as string })
  })

  it('apply asks, and where nobody can be asked it applies nothing', async () => {
    await repository('asks')
    const apply = await run(['apply'])
    expect(apply).toMatchObject({ code: 1, stderr: expect.stringMatching(/say -auto-approve/) as string })
    expect((await run(['plan', '-detailed-exitcode'])).code).toBe(2)
  })

  it('apply carries out the plan that was saved, or nothing', async () => {
    const at = await repository('saved')
    expect((await run(['plan', '-out=plan.json'])).code).toBe(0)
    await put(at, { 'policies/saved/later.hcl': '# not in the plan\n' })
    const apply = await run(['apply', 'plan.json'])
    expect(apply.stdout).toContain('Apply complete: 8 done.')
    // What came later is not in it, and the fresh plan at the end says so.
    expect(apply.code).toBe(2)
    expect(lastLine(apply.stdout)).toBe('Plan: 1 to add, 0 to change, 0 to destroy.')

    await put(at, { 'policies/saved/ci.hcl': '# changed in the files\n' })
    await run(['plan', '-out=plan.json'])
    await target.writer.write('sys/policies/acl/saved/ci', { policy: '# changed on the server' })
    target.requests.length = 0
    const moved = await run(['apply', '-plan=plan.json'])
    expect(moved.code).toBe(3)
    expect(moved.stdout).toContain('Moved: policy/saved/ci is not as it was when the plan was made')
    expect((await target.writer.read('sys/policies/acl/saved/ci'))?.data?.['policy']).toBe('# changed on the server')
    expect(await target.writer.read('sys/policies/acl/saved/later')).toBeUndefined()

    const edited = (await readFile(join(at, 'plan.json'), 'utf8')).replace('# changed in the files', '# changed in the plan')
    await put(at, { 'edited.json': edited, 'none.json': '{}' })
    expect(await run(['apply', 'edited.json'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/changed after it was saved/) as string,
    })
    expect(await run(['apply', 'none.json'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/format_version: expected text/) as string,
    })
  })

  it('refuse with 3 at plan time already, and say which flag would allow it', async () => {
    const at = await repository('guards')
    await run(['apply', '-auto-approve'])
    await take(at, 'engines/guards-team')
    const plan = await run(['plan'])
    expect(plan.code).toBe(3)
    expect(plan.stdout).toContain('Refused: deleting engine/guards-team/notes/ loses every secret of the mount')
    expect((await run(['apply', '-auto-approve'])).code).toBe(3)
    expect(await target.writer.read('sys/mounts/guards-team/notes')).toBeDefined()
    expect((await run(['plan', '-allow-data-loss'])).code).toBe(0)
    expect((await run(['apply', '-auto-approve', '-allow-data-loss'])).code).toBe(0)
  })

  it('drift says who moved, by exit code 2', async () => {
    await repository('drift')
    await run(['apply', '-auto-approve'])
    await target.writer.write('auth/drift-approle/role/ci', { token_ttl: '5m' })
    const drift = await run(['drift'])
    expect(drift.code).toBe(2)
    expect(drift.stdout).toContain('Changed on the server, not in the files: 1')
    expect(drift.stdout).toContain('~ token_ttl: 5m → 1h')
  })

  it('take a commit, whatever lies in the work tree', async () => {
    const at = await repository('commit')
    await commitAll(at, 'what counts')
    await put(at, { 'policies/commit/a.hcl': 'not a policy' })
    expect((await run(['plan'])).code).toBe(1)
    const plan = await run(['plan', '-commit=HEAD'])
    expect(plan.code).toBe(0)
    expect(plan.stdout).toMatch(/^commit [0-9a-f]{10} "what counts" → /)
    expect(plan.stdout).toContain('not committed, so not in this plan: policies/commit/a.hcl')
  })

  it('print JSON for machines, and nothing else', async () => {
    await repository('json')
    const plan = JSON.parse((await run(['plan', '-json'])).stdout) as { format_version: string; resource_changes: unknown[] }
    expect(plan.format_version).toBe('1.0')
    expect(plan.resource_changes).toHaveLength(8)
    const apply = JSON.parse((await run(['apply', '-auto-approve', '-format=json'])).stdout) as {
      apply: { outcome: string }
      after: { resource_changes: unknown[] }
    }
    expect(apply.apply.outcome).toBe('done')
    expect(apply.after.resource_changes).toEqual([])
  })

  it('tell what is wrong with the files by file, line and column, with 1', async () => {
    const at = await folder({ 'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_polices: [] }\n' })
    const plan = await run(['plan', `-dir=${at}`], {}, at)
    expect(plan.code).toBe(1)
    expect(plan.stdout).toBe('')
    expect(plan.stderr).toMatch(/^roles\/a\.yaml:3:9: error: unknown key "token_polices" in role "ci"; did you mean token_policies\?/)
    const json = JSON.parse((await run(['plan', `-dir=${at}`, '-json'], {}, at)).stdout) as { errored: boolean }
    expect(json.errored).toBe(true)
  })

  it.each([
    [
      'a server that is not there',
      ['plan'],
      { VAULT_ADDR: 'http://127.0.0.1:PORT', VAULT_MAX_RETRIES: '0' },
      /127\.0\.0\.1:\d+: .*ECONNREFUSED/,
    ],
    ['a token that is not known', ['plan'], { VAULT_TOKEN: 'wrong' }, /permission denied/],
    ['a commit that is not there', ['plan', '-commit=nothing'], {}, /there is no commit nothing/],
    ['a flag that is not known', ['plan', '-detailed-exit-code'], {}, /did you mean -detailed-exitcode\?/],
    ['a format that is not known', ['plan', '-format=xml'], {}, /invalid output format "xml"/],
  ] as const)('end with 1 for %s', async (_what, args, env, message) => {
    const at = await folder({ 'policies/a.hcl': '# a\n' })
    await commitAll(at, 'one')
    const port = String(await freePort())
    const filled = Object.fromEntries(Object.entries(env).map(([name, it]) => [name, it.replace('PORT', port)]))
    const ended = await run(args, filled, at)
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(message)
  })

  it('work in a namespace, whose built-in mounts have types of their own', async () => {
    await target.writer.write('sys/namespaces/team', {})
    const at = await folder({ ...sample })
    const apply = await run(['apply', '-auto-approve', '-namespace=team'], {}, at)
    expect(apply).toMatchObject({ code: 0, stdout: expect.stringMatching(/ \(version [\d.]+, namespace team\/?\)/) as string })
    expect((await run(['plan', '-detailed-exitcode'], { VAULT_NAMESPACE: 'team' }, at)).code).toBe(0)
    expect((await run(['plan', '-detailed-exitcode'], {}, at)).code).toBe(2)
  })

  it('know which target is meant', async () => {
    const one = `version: 1\ntargets:\n  here: { address: "${server.address}", token: { $env: HERE_TOKEN } }\n`
    const two = `${one}  there: { address: "http://127.0.0.1:9" }\n`
    const at = await folder({ 'lockstep.yaml': one, 'policies/a.hcl': '# a\n', 'targets/here/policies/b.hcl': '# b\n' })
    const none = { VAULT_ADDR: '', VAULT_TOKEN: '' }
    expect((await run(['plan'], { ...none, HERE_TOKEN: 'root' }, at)).stdout).toContain('Plan: 1 to add')
    expect((await run(['plan'], none, at)).stderr).toContain('the token of the target here cannot be found: { $env: HERE_TOKEN }')
    await put(at, { 'lockstep.yaml': two })
    expect(await run(['plan'], { ...none, HERE_TOKEN: 'root' }, at)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/say -environment with one of here, there/) as string,
    })
    expect((await run(['plan', '-environment=here'], { ...none, HERE_TOKEN: 'root' }, at)).stdout).toContain('Plan: 2 to add')
    // A shell that points at a server goes before the file; a target that is asked for goes before the shell.
    expect((await run(['plan'], {}, at)).stdout).toContain('Plan: 1 to add')
    expect((await run(['plan', '-environment=there'], { VAULT_MAX_RETRIES: '0' }, at)).stderr).toContain('http://127.0.0.1:9')
  })
})
