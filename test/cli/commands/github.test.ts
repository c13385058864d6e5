import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodePlan } from '../../../src/reconciler/index.ts'
import { findingsJson } from '../../../src/reconciler/report/index.ts'
import { GitHubServer } from '../../reconciler/github/github-server.ts'
import { FakeTarget } from '../../reconciler/harness/fake-target.ts'
import { workspace } from '../../reconciler/harness/repository.ts'
import { applied, folder, planOf, put } from '../../reconciler/harness/run.ts'
import { sample } from '../../reconciler/harness/sample.ts'
import { runLine, type Ran } from '../context.ts'

const SHA = 'c'.repeat(40)
const planted = { role: 'planted-role-id', env: 'planted-other-secret', form: `hvs.${'B'.repeat(24)}` }

let server: GitHubServer
let dir: string
let env: Record<string, string>

beforeEach(async () => {
  server = new GitHubServer()
  const base = await server.open()
  dir = await folder()
  await writeFile(join(dir, 'event.json'), JSON.stringify({ pull_request: { number: 7, head: { sha: SHA } } }))
  env = {
    GITHUB_TOKEN: GitHubServer.token,
    GITHUB_REPOSITORY: 'acme/vault-policies',
    GITHUB_API_URL: base,
    GITHUB_EVENT_PATH: join(dir, 'event.json'),
    GITHUB_SHA: 'd'.repeat(40),
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_RUN_ID: '12',
    GITHUB_STEP_SUMMARY: join(dir, 'summary.md'),
    GITHUB_OUTPUT: join(dir, 'output'),
    CI_ROLE_ID: planted.role,
    DEPLOY_TOKEN: planted.env,
  }
})
afterEach(() => server.close())

const run = async (...argv: readonly string[]): Promise<Ran> => await runLine(['github', ...argv], { env, cwd: dir })

/** Secrets typed where none should be: the texts of a policy, a role and a mount. */
async function plan(): Promise<string> {
  const [repository, target] = [await folder(sample), new FakeTarget()]
  await applied(repository, target)
  await put(repository, {
    'policies/ci.hcl': `# ${planted.env} ${planted.form}\npath "sys/policies/acl/*" {\n  capabilities = ["update"]\n}\n`,
    'roles/approle.yaml': `type: approle\ndescription: ${planted.role}\nroles:\n  ci: { token_policies: [ci, ${planted.form}], role_id: { $env: CI_ROLE_ID } }\n`,
  })
  const text = encodePlan(await planOf(repository, target, { env: { CI_ROLE_ID: planted.role } }))
  await writeFile(join(dir, 'plan.json'), text)
  return text
}

describe('lockstep github', () => {
  it('writes a comment, a check, a status, an issue and a summary, and no secret into any of them', async () => {
    const text = await plan()
    const commands = [['comment'], ['check'], ['status'], ['drift-issue', '-label=security'], ['summary']]
    const ran: Ran[] = []
    for (const command of commands) ran.push(await run(...command, '-plan=plan.json', '-environment=production'))
    expect(ran.map(it => [it.code, it.stderr])).toEqual(commands.map(() => [0, '']))
    const [summary, output] = await Promise.all(['summary.md', 'output'].map(it => readFile(join(dir, it), 'utf8')))
    const { digest } = JSON.parse(text) as { readonly digest: string }
    expect(server.comments[0]).toMatchObject({ issue: 7, body: expect.stringContaining(digest) as string })
    expect(server.comments[0]?.body).toContain('https://github.example/acme/vault-policies/actions/runs/12')
    expect(server.checks[0]).toMatchObject({ head_sha: SHA, name: 'lockstep plan (production)', external_id: digest })
    expect(server.gaps.statuses[0]).toMatchObject({ context: 'lockstep/plan/production' })
    expect(server.issues[0]).toMatchObject({ state: 'open', labels: ['lockstep-drift', 'security'] })
    expect(output).toContain(`plan_hash=${digest}\n`)
    expect(output).toMatch(/^(?:[a-z_]+=[\w,.-]*\n){9}$/)
    const all = JSON.stringify([server.asked, server.comments, server.checks, server.gaps.statuses, server.issues, ran, summary, output])
    expect(all).toContain('***')
    for (const secret of [...Object.values(planted), GitHubServer.token]) expect(all).not.toContain(secret)
  })

  it('edits its comment when the pull request is planned again', async () => {
    await plan()
    await run('comment', '-plan=plan.json')
    await run('comment', '-plan=plan.json', '-url=https://ci.example/2')
    expect(server.comments).toHaveLength(1)
    expect(server.comments[0]?.body).toContain('https://ci.example/2')
  })

  it('says why there is no plan', async () => {
    const { findings } = workspace({ 'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_polices: [] }\n' })
    await writeFile(join(dir, 'plan.json'), findingsJson(findings))
    expect((await run('comment', '-plan=plan.json')).code).toBe(0)
    expect((await run('check', '-plan=plan.json')).code).toBe(0)
    expect((await run('status', '-plan=plan.json')).code).toBe(0)
    expect((await run('summary', '-plan=plan.json')).code).toBe(0)
    expect(server.comments[0]?.body).toContain('LOAD0003')
    expect(server.checks[0]).toMatchObject({ conclusion: 'failure', output: { annotations: [{ path: 'roles/a.yaml', start_line: 3 }] } })
    expect(server.gaps.statuses[0]).toMatchObject({ state: 'error' })
    expect(await readFile(join(dir, 'output'), 'utf8')).toContain('failure_reason=LOAD0003\n')
  })

  it('tells no drift where nothing is known', async () => {
    await writeFile(join(dir, 'plan.json'), '')
    expect(await run('drift-issue', '-plan=plan.json')).toMatchObject({ code: 1, stderr: expect.stringContaining('no plan') as string })
    expect((await run('comment', '-plan=plan.json')).code).toBe(0)
    expect(server.comments[0]?.body).toContain('the log of the run says why')
  })

  it('prints outside of a job what a job would get', async () => {
    await plan()
    env = { ...env, GITHUB_STEP_SUMMARY: '', GITHUB_OUTPUT: '' }
    const { stdout } = await run('summary', '-plan=plan.json')
    expect(stdout).toContain('## Lockstep: default')
    expect(stdout).toContain('\nto_destroy=')
  })

  it('refuses a plan that somebody edited', async () => {
    const text = await plan()
    await writeFile(join(dir, 'plan.json'), text.replace('"update"', '"delete"'))
    expect(await run('comment', '-plan=plan.json')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('the plan was changed') as string,
    })
    expect(server.asked).toEqual([])
  })

  it.each<readonly [string, readonly string[], Record<string, string>, string]>([
    ['a token', ['comment', '-plan=plan.json'], { GITHUB_TOKEN: '' }, 'set GITHUB_TOKEN or GH_TOKEN'],
    ['a repository', ['comment', '-plan=plan.json'], { GITHUB_REPOSITORY: '' }, '-repository=OWNER/NAME'],
    ['a pull request', ['comment', '-plan=plan.json'], { GITHUB_EVENT_PATH: '' }, '-pull-request=NUMBER'],
    ['a commit', ['check', '-plan=plan.json', '-sha=HEAD'], {}, '40 digits'],
    ['a plan', ['check'], {}, '-plan=FILE'],
    ['a safe address', ['status', '-plan=plan.json'], { GITHUB_API_URL: 'http://ghe.example/api/v3' }, 'https://HOST/'],
  ])('asks for %s', async (_, argv, more, message) => {
    await plan()
    env = { ...env, ...more }
    const { code, stderr } = await run(...argv)
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)])
  })
})
