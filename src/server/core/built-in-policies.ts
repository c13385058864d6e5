/** Held by wrapping tokens alone, and all that they are for; nobody may change or assign it. Our own words for what the peer's grants. */
export const RESPONSE_WRAPPING = 'response-wrapping'
export const RESPONSE_WRAPPING_POLICY = `
path "cubbyhole/response" {
    capabilities = ["create", "read"]
}

path "sys/wrapping/unwrap" {
    capabilities = ["update"]
}

path "auth/token/revoke-self" {
    capabilities = ["update"]
}
`
