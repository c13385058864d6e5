# Fraud scoring reads its model keys, and the one secret that payments shares with it: the webhook's signing key.

path "secret/data/fraud/*" {
  capabilities = ["read"]
}

path "secret/data/payments/webhook-signing" {
  capabilities = ["read"]
}
