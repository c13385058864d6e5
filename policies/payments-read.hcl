# payments-read.hcl — least-privilege policy for the payments-api service
path "secret/data/payments/*" {
  capabilities = ["read"]
}

path "database/creds/payments-readonly" {
  capabilities = ["read"]
}

# Deny access to everything else (implicit, but explicit denial is possible)
path "secret/data/payments/admin/*" {
  capabilities = ["deny"]
}
