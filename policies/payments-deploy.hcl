# The payments pipeline: writes the credentials of what it has just deployed, and reads nothing back.

path "secret/data/payments/deploy/*" {
  capabilities = ["create", "update"]
}
