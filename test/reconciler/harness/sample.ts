import type { Files } from './repository.ts'

/** A small repository with one object of everything. */
export const sample: Files = {
  'lockstep.yaml': 'version: 1\nownership: { owner: sample }\n',
  'policies/payments/read.hcl': '# what the API needs\npath "secret/data/payments/*" {\n  capabilities = ["read"]\n}\n',
  'policies/ci.hcl': 'path "auth/approle/role/ci/secret-id" {\n  capabilities = ["update"]\n}\n',
  'roles/approle.yaml': `type: approle
description: machines
tune: { default_lease_ttl: 1h, max_lease_ttl: 24h }
roles:
  ci:
    token_policies: [ci, payments/read]
    token_ttl: 1h
`,
  'roles/approle/roles/ops.yaml': 'token_policies: [ci]\nsecret_id_num_uses: 1\n',
  'roles/token.yaml': 'roles:\n  deploy: { allowed_policies: [payments/read], orphan: true }\n',
  'engines/secret.yaml': 'type: kv-v2\ndescription: what teams keep\nconfig: { max_versions: 5 }\n',
  'engines/team/notes.yaml': 'type: kv\n',
}
