/**
 * A small repository that is right: a secrets engine, a policy for it, the role of an application, and a test that says who reaches
 * what and who does not. It is there to be changed.
 */
export const starterFiles: Readonly<Record<string, string>> = {
  'lockstep.yaml': `# What this repository manages, and how carefully. Every key: docs/configuration.md of Lockstep.

# Tells our objects from those of another repository on the same server.
ownership:
  owner: platform

# A plan that would touch more than this is refused: a slip of the pen must not become an outage.
limits:
  deletes: { count: 5, percent: 20 }
  updates: { count: 25 }
`,
  'policies/app-read.hcl': `# What the application reads. Nothing else reaches its secrets.
path "secret/data/app/*" {
  capabilities = ["read"]
}
`,
  'roles/approle.yaml': `type: approle
description: applications
roles:
  app:
    token_policies: [app-read]
    token_ttl: 1h
    token_max_ttl: 4h
    secret_id_ttl: 24h
    secret_id_num_uses: 10
`,
  'engines/secret.yaml': `type: kv-v2
description: what applications are given
config: { max_versions: 10 }
`,
  'tests/app.yaml': `# Who reaches what, and who does not. Run by: lockstep test
tests:
  - name: the application reads its own secrets, and no others
    role: approle/app
    allow: [read secret/data/app/db]
    deny: ['create,update,delete secret/data/app/db', read secret/data/other/db]
`,
  '.gitignore': `# A plan holds no secret, but it tells who may do what.
plan.json
.lockstep/
`,
  CODEOWNERS: `# Whoever may approve a change here decides who reaches which secret. Put in the teams that may.
# /policies/ @OWNER/security
# /roles/    @OWNER/security
# /.github/  @OWNER/security
`,
}
