# The orders team keeps its service's secrets.
# lockstep:ignore unused-policy: people get it by their group, and groups are not managed in this repository

path "secret/data/orders/*" {
  capabilities = ["create", "read", "update", "patch", "delete"]
}

path "secret/metadata/orders/*" {
  capabilities = ["read", "list"]
}

path "secret/metadata/orders" {
  capabilities = ["list"]
}

path "secret/undelete/orders/*" {
  capabilities = ["update"]
}
