# The payments team's own engineers: they keep their service's secrets, all versions of them.
# Secrets of the acquirer contract live below admin/ and stay with two named people (see platform/oncall).
# lockstep:ignore unused-policy: people get it by their group, and groups are not managed in this repository

path "secret/data/payments/*" {
  capabilities = ["create", "read", "update", "patch", "delete"]
}

# Names are listed under metadata/, not under data/.
path "secret/metadata/payments/*" {
  capabilities = ["read", "list"]
}

path "secret/metadata/payments" {
  capabilities = ["list"]
}

# Take back a deletion, but never destroy: destroyed versions cannot be audited.
path "secret/undelete/payments/*" {
  capabilities = ["update"]
}

path "secret/data/payments/admin/*" {
  capabilities = ["deny"]
}

path "secret/metadata/payments/admin/*" {
  capabilities = ["deny"]
}
