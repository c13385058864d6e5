# orders-api reads its own configuration and the address book that all services share.

path "secret/data/orders/*" {
  capabilities = ["read"]
}

path "shared/data/service-directory" {
  capabilities = ["read"]
}
