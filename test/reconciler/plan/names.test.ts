import { describe, expect, it } from 'vitest'
import type { Json } from '../../../src/kernel/index.ts'
import { FakeTarget, Refused } from '../harness/fake-target.ts'
import type { Files } from '../harness/repository.ts'
import { folder, planOf } from '../harness/run.ts'

type Objects = Readonly<Record<string, Readonly<Record<string, Json>>>>

/** What a plan says about names of what is not there. */
async function dangling(files: Files, live: Objects = {}, forbidden?: string): Promise<readonly string[]> {
  const target = new FakeTarget()
  for (const [path, it] of Object.entries(live)) {
    if (path.startsWith('sys/')) await target.write(path, it)
    else target.objects.set(path, it)
  }
  target.before = request => {
    if (request.endsWith(` ${forbidden ?? '-'}`)) throw new Refused(403, 'permission denied')
  }
  const plan = await planOf(await folder(files), target)
  return plan.findings.filter(it => it.code === 'PLAN0013').map(it => it.summary)
}

const connection =
  'config:\n  db: { plugin_name: postgresql-database-plugin, connection_url: "postgresql://{{username}}:{{password}}@h/x", allowed_roles: [r, "team-*", other] }\n'
const database = (rest: string): Files => ({ 'engines/database.yaml': `type: database\n${rest}` })

describe('what an object names', () => {
  it('is missed where it is neither in the files nor on the server', async () => {
    expect(await dangling(database('roles:\n  r: { db_name: gone }\n'))).toEqual([
      'engine/database/roles/r names engine/database/config/gone in db_name, which is neither in the files nor on the server',
    ])
    expect(await dangling(database(`${connection}roles:\n  r: { db_name: db }\n`))).toEqual([
      'engine/database/config/db names engine/database/roles/other in allowed_roles, which is neither in the files nor on the server',
    ])
  })

  it('is found on the server, in either of the places where it may be', async () => {
    const live = {
      'sys/mounts/database': { type: 'database' },
      'database/static-roles/other': { db_name: 'db' },
      'database/config/gone': { plugin_name: 'postgresql-database-plugin' },
    }
    expect(await dangling(database(`${connection}roles:\n  r: { db_name: gone }\n`), live)).toEqual([])
  })

  it('is looked for where planning lists nothing', async () => {
    const files = { 'identity/groups.yaml': 'ops: { member_entities: [ann, bob] }\n' }
    const named =
      'identity/group/name/ops names identity/entity/name/bob in member_entities, which is neither in the files nor on the server'
    expect(await dangling(files, { 'identity/entity/name/ann': {} })).toEqual([named])
    expect(await dangling(files, { 'identity/entity/name/ann': {} }, 'identity/entity/name/bob')).toEqual([])
  })

  it('may be an auth mount', async () => {
    const files = { 'identity/entities.yaml': 'ann: { aliases: { people: ann, machines: a } }\n', 'roles/machines.yaml': 'type: approle\n' }
    expect(await dangling(files)).toEqual([
      'identity/entity/name/ann names auth/people/ in aliases, which is neither in the files nor on the server',
    ])
    expect(await dangling(files, { 'sys/auth/people': { type: 'userpass' } })).toEqual([])
  })

  it('is nothing where the value means something else', async () => {
    const files = {
      'identity/oidc/clients.yaml': 'c: { assignments: [allow_all] }\n',
      'identity/oidc/providers.yaml': 'p: { scopes_supported: [openid, mine] }\n',
    }
    expect(await dangling(files)).toEqual([
      'identity/oidc/provider/p names identity/oidc/scope/mine in scopes_supported, which is neither in the files nor on the server',
    ])
  })
})
