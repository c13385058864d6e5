# The trusted orchestrator: it gives each job the secret id of its role, wrapped, and can do nothing else.
# The answer must be wrapped, so that whoever takes it from the job is noticed.

path "auth/approle/role/+/secret-id" {
  capabilities     = ["create", "update"]
  min_wrapping_ttl = "1s"
  max_wrapping_ttl = "5m"
}

path "auth/approle/role/+/role-id" {
  capabilities = ["read"]
}
