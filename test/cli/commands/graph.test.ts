import { describe, expect, it } from 'vitest'
import { folder } from '../../reconciler/harness/run.ts'
import { runLine } from '../context.ts'

const files = {
  'policies/app.hcl': 'path "secret/data/app/*" {\n  capabilities = ["read"]\n}\npath "other/*" {\n  capabilities = ["deny"]\n}\n',
  'policies/wide.hcl': 'path "+/config" {\n  capabilities = ["read"]\n}\n',
  'roles/approle.yaml': 'type: approle\nroles:\n  app: { token_policies: [app] }\n',
  'engines/secret.yaml': 'type: kv-v2\n',
  'engines/other.yaml': 'type: kv\n',
}

describe('lockstep graph', () => {
  it('draws roles, policies and mounts as Mermaid', async () => {
    const { code, stdout } = await runLine(['graph'], { cwd: await folder(files) })
    expect(code).toBe(0)
    expect(stdout).toMatchInlineSnapshot(`
      "flowchart LR
        n0[("auth/approle/")]
        n1[("engine/other/")]
        n2[("engine/secret/")]
        n3("auth/approle/role/app")
        n4["policy/app"]
        n5["policy/wide"]
        n0 --- n3
        n3 --> n4
        n4 -.-> n2
        n5 -.-> n1
        n5 -.-> n2
      "
    `)
  })

  it('draws them for Graphviz, and gives them as JSON', async () => {
    const dir = await folder(files)
    const { stdout } = await runLine(['graph', '-format=dot'], { cwd: dir })
    expect(stdout).toContain('  "auth/approle/role/app" -> "policy/app" [style=solid]\n')
    expect(stdout).toContain('  "policy/app" -> "engine/secret/" [style=dashed]\n')
    expect(stdout).not.toContain('"policy/app" -> "engine/other/"')
    const json = JSON.parse((await runLine(['graph', '-format=json'], { cwd: dir })).stdout) as { edges: object[] }
    expect(json.edges).toContainEqual({ from: 'policy/wide', to: 'engine/other/', how: 'reaches' })
  })

  it('says which formats there are', async () => {
    expect(await runLine(['graph', '-format=png'], { cwd: await folder(files) })).toMatchObject({ code: 1 })
  })
})
