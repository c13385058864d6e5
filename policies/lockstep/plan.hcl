# What Lockstep itself needs to plan this repository: reading, and nothing but reading.

path "sys/mounts" {
  capabilities = ["read"]
}

path "sys/mounts/+/tune" {
  capabilities = ["read"]
}

path "sys/auth" {
  capabilities = ["read"]
}

path "sys/auth/+/tune" {
  capabilities = ["read", "sudo"]
}

path "sys/policies/acl" {
  capabilities = ["list"]
}

path "sys/policies/acl/*" {
  capabilities = ["read", "list"]
}

path "auth/approle/role" {
  capabilities = ["list"]
}

path "auth/approle/role/+" {
  capabilities = ["read"]
}

path "auth/kubernetes/config" {
  capabilities = ["read"]
}

path "auth/kubernetes/role" {
  capabilities = ["list"]
}

path "auth/kubernetes/role/+" {
  capabilities = ["read"]
}

path "database/config" {
  capabilities = ["read", "list"]
}

path "database/config/+" {
  capabilities = ["read"]
}

path "database/roles" {
  capabilities = ["list"]
}

path "database/roles/+" {
  capabilities = ["read"]
}

path "database/static-roles" {
  capabilities = ["list"]
}

path "auth/token/roles" {
  capabilities = ["list"]
}

path "auth/token/roles/+" {
  capabilities = ["read"]
}

path "+/config" {
  capabilities = ["read"]
}
