# payments-read.hcl — least-privilege policy for the payments-api service
path "secret/data/payments/*" {
  capabilities = ["read"]
}

# lockstep:ignore missing-mount: the database team mounts this engine, and manages it in a repository of its own
path "database/creds/payments-readonly" {
  capabilities = ["read"]
}

# Deny access to everything else (implicit, but explicit denial is possible)
path "secret/data/payments/admin/*" {
  capabilities = ["deny"]
}
