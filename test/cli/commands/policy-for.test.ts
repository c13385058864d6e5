import { describe, expect, it } from 'vitest'
import { folder } from '../../reconciler/harness/run.ts'
import { sample } from '../../reconciler/harness/sample.ts'
import { runLine } from '../context.ts'

describe('lockstep policy-for', () => {
  it('prints what a plan reads', async () => {
    const { code, stdout, stderr } = await runLine(['policy-for', 'plan'], { cwd: await folder(sample) })
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).not.toMatch(/"(?:create|update|delete|patch)"/)
    expect(stdout).toContain('path "auth/approle/role/" {\n  capabilities = ["list"]\n}\n')
  })

  it('prints what an apply needs, with deletes if asked for', async () => {
    const dir = await folder(sample)
    const { stdout } = await runLine(['policy-for', 'apply'], { cwd: dir })
    expect(stdout).toMatchInlineSnapshot(`
      "# lockstep-apply: what "lockstep apply" needs for this repository, but for deletes.
      # Made by "lockstep policy-for apply"; make it anew when objects are added.

      path "auth/approle/role/ci" {
        capabilities = ["create", "read", "update"]
      }

      path "auth/approle/role/ops" {
        capabilities = ["create", "read", "update"]
      }

      path "auth/token/roles/deploy" {
        capabilities = ["create", "read", "update"]
      }

      path "secret/config" {
        capabilities = ["read", "update"]
      }

      path "sys/auth" {
        capabilities = ["read"]
      }

      path "sys/auth/approle" {
        capabilities = ["read", "update", "sudo"]
      }

      path "sys/auth/approle/tune" {
        capabilities = ["update", "sudo"]
      }

      path "sys/mounts" {
        capabilities = ["read"]
      }

      path "sys/mounts/secret" {
        capabilities = ["read", "update"]
      }

      path "sys/mounts/secret/tune" {
        capabilities = ["update"]
      }

      path "sys/mounts/team/notes" {
        capabilities = ["read", "update"]
      }

      path "sys/mounts/team/notes/tune" {
        capabilities = ["update"]
      }

      path "sys/policies/acl/" {
        capabilities = ["list"]
      }

      path "sys/policies/acl/ci" {
        capabilities = ["read", "update"]
      }

      path "sys/policies/acl/default" {
        capabilities = ["read"]
      }

      path "sys/policies/acl/lockstep-apply" {
        capabilities = ["read"]
      }

      path "sys/policies/acl/lockstep/ledger/*" {
        capabilities = ["read"]
      }

      path "sys/policies/acl/lockstep/ledger/sample/*" {
        capabilities = ["read", "update"]
      }

      path "sys/policies/acl/payments/read" {
        capabilities = ["read", "update"]
      }
      "
    `)
    expect(stdout).not.toContain('"delete"')
    expect((await runLine(['policy-for', '-deletes', 'apply'], { cwd: dir })).stdout).toContain(
      'path "auth/approle/role/ci" {\n  capabilities = ["create", "read", "update", "delete"]',
    )
  })

  it('knows no other job', async () => {
    expect((await runLine(['policy-for', 'watch'], { cwd: await folder(sample) })).stderr).toContain('expected one argument: plan or apply')
  })
})
