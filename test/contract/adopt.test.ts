import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adoptDrift, adoptPhase, commitFiles, writeFiles } from '../../src/reconciler/index.ts'
import { touchesTarget } from '../../src/reconciler/model/index.ts'
import { commitAll, git } from '../reconciler/harness/git.ts'
import { NOW, type Files } from '../reconciler/harness/repository.ts'
import { folder } from '../reconciler/harness/run.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'
import { matrixCases } from './kinds.matrix.ts'
import { targetAt, type TestTarget } from './reconciler-target.ts'

const everything = { maxDeletes: 1000, maxUpdates: 1000, dataLoss: true, empty: true }

/** Everything at once: each case of the matrix on a mount of its own, with policies beside it. */
function allFiles(kept: (file: string) => boolean): Files {
  const files: Record<string, string> = {
    'lockstep.yaml': 'version: 1\nownership: { owner: everything }\n',
    'policies/team/read.hcl': 'path "secret/*" {\n  capabilities = ["read"] # as it is\n}\n',
  }
  for (const [i, { file, text, refused }] of matrixCases.entries()) {
    if (refused !== undefined || !kept(file)) continue
    files[/^(roles|engines)\//.test(file) ? file.replace(/\/\w+\.yaml$/, `/m${i}.yaml`) : file] = text
  }
  return files
}

const env = Object.assign({}, ...matrixCases.map(it => it.env ?? {})) as Record<string, string>

async function adopted(target: TestTarget, dir: string): Promise<Files> {
  const made = await adoptPhase({ dir, reader: target.writer, now: NOW })
  if (made.is === 'broken') throw new Error(made.findings.map(it => it.summary).join('; '))
  await writeFiles(
    dir,
    made.files.map(({ path, text }) => ({ path, text })),
  )
  return Object.fromEntries(made.files.map(({ path, text = '' }) => [path, text]))
}

describe.each([
  ['a real OpenBao', startPeer, (): boolean => true],
  // What our own server has not yet cannot be asked of it.
  ['our own server', startOurs, (file: string): boolean => /^roles\/(userpass|kubernetes)|^engines\/totp/.test(file)],
] as const)('adopting %s', (_name, start, kept) => {
  let server: RunningServer
  let target: TestTarget

  beforeAll(async () => {
    server = await start('dev')
    target = targetAt(server.address)
  })
  afterAll(async () => {
    target.client.close()
    await server.stop()
  })

  it('gives files that describe what is there, so that there is nothing to do', async () => {
    const report = await target.apply(await folder(allFiles(kept)), everything, env)
    expect(report.failed.map(it => `${it.step.address}: ${it.message}`)).toEqual([])
    // Another owner, to whom none of it belongs: the ledger of the first has to go.
    await target.writer.delete('sys/policies/acl/lockstep/ledger/everything/1.0')
    const dir = await folder({ 'lockstep.yaml': 'version: 1\nownership: { owner: adopter }\n' })
    const files = await adopted(target, dir)
    const plan = await target.plan(dir)
    expect(plan.steps.filter(touchesTarget).map(it => `${it.action} ${it.address} ${it.changed.join()}`)).toEqual([])
    expect(plan.findings.filter(it => !['PLAN0002', 'PLAN0005', 'PLAN0010', 'PLAN0013'].includes(it.code))).toEqual([])
    expect(Object.keys(files)).toContain('policies/team/read.hcl')
    expect(files['policies/team/read.hcl']).toBe(allFiles(kept)['policies/team/read.hcl'])
    expect(JSON.stringify(files)).not.toMatch(/correct horse|s3cret|a\.b\.c/)
    expect(await adopted(target, dir)).toEqual({})
  })

  it('names a password that the server hides within a URL by a reference, and never writes what stands in its place', async () => {
    await target.writer.write('sys/mounts/hidden', { type: 'database' })
    const how = { plugin_name: 'postgresql-database-plugin', verify_connection: false }
    await target.writer.write('hidden/config/url', { ...how, connection_url: 'postgresql://root:planted@db.example:5432/app' })
    const dir = await folder({ 'lockstep.yaml': 'version: 1\nownership: { owner: hidden }\n' })
    const files = await adopted(target, dir)
    expect(files['engines/hidden.yaml']).toContain('connection_url: postgresql://{{username}}:{{password}}@db.example:5432/app')
    expect(files['engines/hidden.yaml']).toMatch(/username: root$/m)
    expect(files['engines/hidden.yaml']).toContain('$env: HIDDEN_CONFIG_URL_PASSWORD')
    expect(JSON.stringify(files)).not.toMatch(/planted|xxxxx/)
    const env = { HIDDEN_CONFIG_URL_PASSWORD: 'planted' }
    expect((await target.plan(dir, env)).steps.map(it => [it.action, it.address, it.changed])).toContainEqual([
      'update',
      'engine/hidden/config/url',
      ['connection_url', 'password', 'username'],
    ])
    // The server of the test has no such database, which a write without verification does not mind.
    await target.writer.delete('sys/mounts/hidden')
  })

  it('adds what is new beside the files that are there', async () => {
    const dir = await folder({
      'lockstep.yaml': 'version: 1\nownership: { owner: adding }\n',
      'roles/adding.yaml': '# ours\ntype: approle\nroles:\n  a: {}\n',
    })
    await target.apply(dir, everything)
    await target.writer.write('auth/adding/role/b', { token_ttl: '90m', token_policies: ['x', 'y'] })
    const files = await adopted(target, dir)
    expect(files['roles/adding/roles/b.yaml']).toBe('token_policies: [x, y]\ntoken_ttl: 1h30m\n')
    expect(await readFile(join(dir, 'roles/adding.yaml'), 'utf8')).toBe('# ours\ntype: approle\nroles:\n  a: {}\n')
  })

  it('turns a drift round into changes of the files, on a branch of its own', async () => {
    const text = `# services
type: approle
tune: { max_lease_ttl: 24h } # a day
roles:
  # the first
  a: { token_ttl: 1h, token_policies: [x] }
  gone: {}
  b:
    token_ttl: 2h # long
`
    const dir = await folder({
      'lockstep.yaml': 'version: 1\nownership: { owner: drifting }\n',
      'roles/drifting.yaml': text,
      'policies/drifting.hcl': '# before\n',
    })
    await target.apply(dir, everything)
    const head = await commitAll(dir, 'as it was')
    await target.writer.write('auth/drifting/role/a', { token_ttl: '2h', token_policies: ['x', 'z'] })
    await target.writer.write('auth/drifting/role/b', { token_ttl: 0, token_num_uses: 4 })
    await target.writer.delete('auth/drifting/role/gone')
    await target.writer.write('sys/auth/drifting/tune', { max_lease_ttl: '48h' })
    await target.writer.write('sys/policies/acl/drifting', { policy: '# after\n' })
    const { files, left } = await adoptDrift(await target.plan(dir), dir)
    expect(left).toEqual([])
    const commit = await commitFiles(dir, 'adopt-drift', 'Adopt what was changed', files)
    expect(await git(dir, 'status', '--porcelain')).toBe('')
    expect([await git(dir, 'rev-parse', 'HEAD'), await git(dir, 'rev-parse', 'adopt-drift^')]).toEqual([head, head])
    expect(await git(dir, 'show', `${commit}:roles/drifting.yaml`)).toBe(
      `# services
type: approle
tune: { max_lease_ttl: 48h } # a day
roles:
  # the first
  a: { token_ttl: 2h, token_policies: [x, z] }
  b:
    token_num_uses: 4`,
    )
    await git(dir, 'checkout', '-q', 'adopt-drift')
    const plan = await target.plan(dir)
    expect(plan.steps.filter(touchesTarget)).toEqual([])
    expect(plan.steps.map(it => `${it.action} ${it.address}`)).toEqual(['forget auth/drifting/role/gone'])
  })
})
