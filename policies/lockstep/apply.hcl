# What Lockstep needs on top of lockstep/plan to apply a merged change. Whoever holds this can give itself anything by way of
# the policies it may write, so only the apply job of the protected branch gets it.
# lockstep:ignore escalation: to write policies, roles and mounts is what apply is for

path "sys/policies/acl/*" {
  capabilities = ["create", "read", "update", "delete", "list"]
}

path "sys/mounts/+" {
  capabilities = ["create", "update"]
}

path "sys/mounts/+/tune" {
  capabilities = ["read", "update"]
}

path "sys/auth/+" {
  capabilities = ["create", "read", "update", "sudo"]
}

path "sys/auth/+/tune" {
  capabilities = ["read", "update", "sudo"]
}

path "auth/approle/role/+" {
  capabilities = ["create", "read", "update", "delete"]
}

path "auth/kubernetes/config" {
  capabilities = ["create", "read", "update"]
}

path "auth/kubernetes/role/+" {
  capabilities = ["create", "read", "update", "delete"]
}

path "database/config/+" {
  capabilities = ["create", "read", "update", "delete"]
}

path "database/roles/+" {
  capabilities = ["create", "read", "update", "delete"]
}

path "auth/token/roles/+" {
  capabilities = ["create", "read", "update", "delete"]
}

path "+/config" {
  capabilities = ["read", "update"]
}
