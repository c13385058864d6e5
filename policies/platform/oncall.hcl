# Break glass: the engineer on call reads production secrets, in the open. Tokens with this policy live for one hour
# (roles/token.yaml, role oncall) and their use is reviewed the next morning.

path "secret/data/+/*" {
  capabilities = ["read"]
}

path "secret/metadata/*" {
  capabilities = ["read", "list"]
}
