# Mail and text-message gateways. The old provider's account is still in the unversioned store; it goes when the contract ends.

path "secret/data/notifications/*" {
  capabilities = ["read"]
}

path "legacy/sms-gateway" {
  capabilities = ["read"]
}
