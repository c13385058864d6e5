/**
 * The policy `default` as a server starts with it, in our own words; it grants what the peer's grants. Made at initialisation; an
 * operator may change it, not delete it. Who judges a repository without a server takes it for what tokens hold by default.
 */
export const DEFAULT_POLICY = `
# What every token may do, unless it was made without the default policy.

# Its own token: see it, prolong it, end it.
path "auth/token/lookup-self" {
    capabilities = ["read"]
}
path "auth/token/renew-self" {
    capabilities = ["update"]
}
path "auth/token/revoke-self" {
    capabilities = ["update"]
}

# Ask what it may do on a path.
path "sys/capabilities-self" {
    capabilities = ["update"]
}

# The entity behind it, by id or by name.
path "identity/entity/id/{{identity.entity.id}}" {
    capabilities = ["read"]
}
path "identity/entity/name/{{identity.entity.name}}" {
    capabilities = ["read"]
}

# All of its policies taken together, for user interfaces.
path "sys/internal/ui/resultant-acl" {
    capabilities = ["read"]
}

# Leases whose id it knows.
path "sys/leases/renew" {
    capabilities = ["update"]
}
path "sys/leases/lookup" {
    capabilities = ["update"]
}

# A private place that ends with the token.
path "cubbyhole/*" {
    capabilities = ["create", "read", "update", "delete", "list"]
}

# Response wrapping.
path "sys/wrapping/wrap" {
    capabilities = ["update"]
}
path "sys/wrapping/lookup" {
    capabilities = ["update"]
}
path "sys/wrapping/unwrap" {
    capabilities = ["update"]
}

# Hashing of what it brings itself.
path "sys/tools/hash" {
    capabilities = ["update"]
}
path "sys/tools/hash/*" {
    capabilities = ["update"]
}

# Sign in to applications through this server.
path "identity/oidc/provider/+/authorize" {
    capabilities = ["read", "update"]
}
`
