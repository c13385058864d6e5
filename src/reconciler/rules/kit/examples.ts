/** Example files: a policy that reads a secret, and a role of AppRole with what is said of it. */
export const withRole = (role: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> => ({
  'engines/secret.yaml': 'type: kv-v2\n',
  'policies/app-read.hcl': 'path "secret/data/app" {\n  capabilities = ["read"]\n}\n',
  'roles/approle.yaml': `type: approle\nroles:\n  app:\n${role.replaceAll(/^/gm, '    ')}\n`,
  ...more,
})
