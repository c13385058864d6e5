# The orders pipeline, as payments-deploy.

path "secret/data/orders/deploy/*" {
  capabilities = ["create", "update"]
}
