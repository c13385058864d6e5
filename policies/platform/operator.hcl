# Platform engineers run the server, but its secrets are not theirs to read.
# lockstep:ignore unused-policy: people get it by their group, and groups are not managed in this repository
# lockstep:ignore escalation: to mount engines and login methods is what operators are for; the audit log shows each

path "sys/mounts" {
  capabilities = ["read"]
}

path "sys/mounts/*" {
  capabilities = ["create", "read", "update"]
}

# Auth methods are root-protected: sudo comes on top of the capability, it does not replace it.
path "sys/auth" {
  capabilities = ["read"]
}

path "sys/auth/*" {
  capabilities = ["create", "read", "update", "sudo"]
}

path "sys/leases/lookup" {
  capabilities = ["update"]
}

path "sys/leases/revoke" {
  capabilities = ["update"]
}

# Unmounting loses data, so it goes through this repository and its reviewers.
path "sys/remount" {
  capabilities = ["deny"]
}
