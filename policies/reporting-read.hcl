# Nightly reports: read-only replicas' credentials, one folder a country.
# `+` is exactly one level: reporting/de/replica, not reporting/de/admin/replica.

path "secret/data/reporting/+/replica" {
  capabilities = ["read"]
}

path "secret/metadata/reporting" {
  capabilities = ["list"]
}
