/** Example files: one role with the policies a and b, and what they say. */
export const twoPolicies = (a: string, b: string): Readonly<Record<string, string>> => ({
  'roles/approle.yaml': 'type: approle\nroles:\n  app:\n    token_policies: [a, b]\n',
  'policies/a.hcl': a,
  'policies/b.hcl': b,
})
