import type { Json } from '../../src/kernel/index.ts'
import type { Attribute } from '../../src/reconciler/shapes/index.ts'

/** One section of a mount file: the least that it has to say, and what an attribute can become where its kind does not tell. */
export interface MatrixCase {
  readonly file: string
  readonly text: string
  /** Of the object under test. */
  readonly address: string
  /** Values for the change by somebody else. */
  readonly changes?: Readonly<Record<string, Json>>
  /** Other attributes that have to change with it. */
  readonly along?: Readonly<Record<string, Readonly<Record<string, Json>>>>
  /** Why an attribute cannot be changed. */
  readonly skip?: Readonly<Record<string, string>>
  /** The variables that its references name. */
  readonly env?: Readonly<Record<string, string>>
  /** What has to be there before, by its path. */
  readonly earlier?: readonly (readonly [string, Readonly<Record<string, Json>>])[]
  /** What a server may say to all of it. */
  readonly refused?: RegExp
  /** What is done once it is there, below the mount. */
  readonly afterwards?: readonly (readonly [string, Readonly<Record<string, Json>>])[]
  /** Attributes that mean something here; the server takes no notice of others. */
  readonly only?: readonly string[]
}

/** Another value of the same kind. */
export function otherValue({ field }: Attribute, value: Json | undefined): Json {
  const words = field.publishes['enum'] as readonly string[] | undefined
  if (words !== undefined) return words.find(it => it !== value && it !== '') ?? ''
  switch (field.kind) {
    case 'bool':
      return value !== true
    case 'int':
    case 'number':
      return Number(value ?? 0) + 1
    case 'duration':
      return Number(value ?? 0) + 60
    case 'strings':
      return ['changed']
    case 'pairs':
    case 'map':
      return { changed: 'yes' }
    default:
      return 'changed'
  }
}

const CA = `-----BEGIN CERTIFICATE-----
MIIBbzCCARWgAwIBAgIUOzwoRh6PDGzbAErjwHlOvwbLV4wwCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCY2EwHhcNMjYxMTI4MTMwMzQyWhcNMzYxMTI1MTMwMzQyWjAN
MQswCQYDVQQDDAJjYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABH5ptuGZ5Ris
zT7jXiIokoSNd9l1wQbER09V+Aer6i3u9OHugsW4sGpentcPFjEkqcTFZE/pO5fy
fKwW0eYWMjOjUzBRMB0GA1UdDgQWBBQATLJC0p1aEjah/Ex059RH47egpzAfBgNV
HSMEGDAWgBQATLJC0p1aEjah/Ex059RH47egpzAPBgNVHRMBAf8EBTADAQH/MAoG
CCqGSM49BAMCA0gAMEUCIFSMOkxtsN0ULq/uWhi/rLvrZlfKOPBBNLvEtKtGKVsL
AiEAimaTNznAixv6qaRfNqy7C1Z3MEWngz1zwhwIpIevCW0=
-----END CERTIFICATE-----`

/** Two certificates of one key, which is good for nothing else. */
const SHOWN = `-----BEGIN CERTIFICATE-----
MIIBcTCCARegAwIBAgIUF1nOuss0Nn/DjB2GBL0OiCUWOg8wCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDb25lMB4XDTI2MTEyODE3MDIyOFoXDTM2MTEyNTE3MDIyOFow
DjEMMAoGA1UEAwwDb25lMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+k5/4ewr
yAhewYN5FGMajzxNKemkr+7jEoIdD+ARnBtgPLg5fAeCGXDNg3VWdwGWHricPgoY
dhsJAck2F0PuZ6NTMFEwHQYDVR0OBBYEFLIx/SCdjUZcG1s26gnDiOYEjNeXMB8G
A1UdIwQYMBaAFLIx/SCdjUZcG1s26gnDiOYEjNeXMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIhAM7Uwvu5jDmGB7N1+B0v/w8injvtV2LWl2RbdWSX
WKZTAiBpzu9uW3x0ebu5h/UE3cC9X7MiMO1EkGCzX444R5li7w==
-----END CERTIFICATE-----`
const SHOWN_NEXT = `-----BEGIN CERTIFICATE-----
MIIBcTCCARegAwIBAgIUc5sQvJyEJL+XXU1xsobZ7mmef7IwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDdHdvMB4XDTI2MTEyODE3MDIyOFoXDTM2MTEyNTE3MDIyOFow
DjEMMAoGA1UEAwwDdHdvMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+k5/4ewr
yAhewYN5FGMajzxNKemkr+7jEoIdD+ARnBtgPLg5fAeCGXDNg3VWdwGWHricPgoY
dhsJAck2F0PuZ6NTMFEwHQYDVR0OBBYEFLIx/SCdjUZcG1s26gnDiOYEjNeXMB8G
A1UdIwQYMBaAFLIx/SCdjUZcG1s26gnDiOYEjNeXMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIgY67xmBrImyQUQOI2dUXPLau7dSveuCAt3U4+1uEq
fCcCIQCD3X5ExYO4SG8YyJ5oppvIPL+RNGffB+w4FiULv/XSMA==
-----END CERTIFICATE-----`
const KEY_OF_SHOWN = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQHjIaPAOlXNCF3B5
AUbWOV85WupiaFZhc+jErB62VJuhRANCAAT6Tn/h7CvICF7Bg3kUYxqPPE0p6aSv
7uMSgh0P4BGcG2A8uDl8B4IZcM2DdVZ3AZYeuJw+Chh2GwkByTYXQ+5n
-----END PRIVATE KEY-----`
const inYaml = (pem: string): string => pem.replaceAll('\n', '\n      ')

const PUBLIC_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
-----END PUBLIC KEY-----`

const OTHER_KEY = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEYOY0S40T4lXN3NinS48aRJ9n15Rk
EIstMlU25TjWZYU39iOX2scOsYa6dImE/NAOiElKMK1m/CJ/qSVi0d80Nw==
-----END PUBLIC KEY-----`

const indented = (text: string): string => text.replaceAll('\n', '\n    ')
const networks = { token_bound_cidrs: ['10.0.0.0/8'] }

export const matrixCases: readonly MatrixCase[] = [
  {
    file: 'roles/kubernetes.yaml',
    text: `type: kubernetes\nconfig:\n  kubernetes_host: https://k.example\n  kubernetes_ca_cert: |\n    ${indented(CA)}\n  token_reviewer_jwt: { $env: JWT }\n`,
    address: 'auth/kubernetes/config',
    env: { JWT: 'a.b.c' },
    changes: { pem_keys: [PUBLIC_KEY], kubernetes_ca_cert: 'another', disable_local_ca_jwt: true },
  },
  {
    file: 'roles/kubernetes.yaml',
    text: 'type: kubernetes\nroles:\n  r: { bound_service_account_names: [a, B], bound_service_account_namespaces: ["*"] }\n',
    address: 'auth/kubernetes/role/r',
    changes: { ...networks, bound_service_account_namespace_selector: '{"matchLabels":{"a":"b"}}' },
  },
  {
    file: 'roles/jwt.yaml',
    text: `type: jwt\nconfig:\n  jwt_validation_pubkeys:\n    - |\n      ${PUBLIC_KEY.replaceAll('\n', '\n      ')}\n`,
    address: 'auth/jwt/config',
    changes: { jwt_validation_pubkeys: [OTHER_KEY], jwt_supported_algs: ['ES256'] },
    skip: {
      oidc_discovery_url: 'there is no provider to ask',
      oidc_discovery_ca_pem: 'there is no provider to ask',
      jwks_url: 'there is no issuer to ask',
      oidc_client_id: 'there is no provider to ask',
      oidc_response_mode: 'there is no provider to ask',
      oidc_response_types: 'there is no provider to ask',
      provider_config: 'there is no provider to ask',
    },
  },
  {
    file: 'roles/jwt.yaml',
    text: 'type: jwt\nroles:\n  r: { role_type: jwt, user_claim: sub, bound_audiences: [a], bound_claims: { group: [x, y], env: prod } }\n',
    address: 'auth/jwt/role/r',
    changes: { ...networks, oauth2_metadata: ['access_token'] },
    along: { role_type: { allowed_redirect_uris: ['https://x/cb'] } },
  },
  {
    file: 'roles/oidc.yaml',
    text: 'type: oidc\nroles:\n  r: { user_claim: sub, allowed_redirect_uris: ["https://x/cb"] }\n',
    address: 'auth/oidc/role/r',
    changes: { ...networks, oauth2_metadata: ['access_token'] },
    along: { role_type: { bound_subject: 'x' } },
  },
  {
    file: 'roles/userpass.yaml',
    text: 'type: userpass\nusers:\n  ann: { password: { $env: PASSWORD }, token_policies: [b, a] }\n',
    address: 'auth/userpass/users/ann',
    env: { PASSWORD: 'correct horse' },
    changes: networks,
  },
  {
    file: 'roles/cert.yaml',
    text: `type: cert\ncerts:\n  web:\n    certificate: |\n      ${CA.replaceAll('\n', '\n      ')}\n    allowed_dns_sans: [web.example]\n    display_name: web\n`,
    address: 'auth/cert/certs/web',
    changes: networks,
    skip: { certificate: 'another one would be needed' },
  },
  {
    file: 'roles/cert.yaml',
    text: 'type: cert\nconfig: { disable_binding: true }\n',
    address: 'auth/cert/config',
  },
  {
    file: 'engines/database.yaml',
    text: `type: database
config:
  db:
    plugin_name: postgresql-database-plugin
    verify_connection: false
    allowed_roles: [r, a]
    connection_url: "postgresql://{{username}}:{{password}}@127.0.0.1:1/x"
    username: u
    password: { $env: PASSWORD }
    max_connection_lifetime: 5m
    tls_certificate: |
      ${inYaml(SHOWN)}
    private_key: { $env: KEY }
`,
    address: 'engine/database/config/db',
    env: { PASSWORD: 's3cret', KEY: KEY_OF_SHOWN },
    changes: {
      plugin_name: 'mysql-database-plugin',
      connection_url: 'postgresql://{{username}}:{{password}}@127.0.0.1:2/y',
      tls_certificate: SHOWN_NEXT,
    },
    along: { plugin_name: { connection_url: '{{username}}:{{password}}@tcp(127.0.0.1:1)/' } },
    skip: { plugin_version: 'what is built in has one version, and it is shown as none' },
  },
  {
    file: 'engines/database.yaml',
    text: 'type: database\nconfig:\n  db:\n    plugin_name: postgresql-database-plugin\n    verify_connection: false\n    allowed_roles: ["*"]\n    connection_url: "postgresql://{{username}}:{{password}}@127.0.0.1:1/x"\nroles:\n  r: { db_name: db, creation_statements: ["b;", "a;"], default_ttl: 1h, max_ttl: 2h }\n',
    address: 'engine/database/roles/r',
    changes: { credential_config: { password_policy: 'p' } },
    along: { credential_type: { credential_config: { format: 'pkcs8', key_bits: '2048' } } },
  },
  {
    file: 'engines/pki.yaml',
    text: 'type: pki\nroles:\n  r: { allowed_domains: [b.example, a.example], max_ttl: 72h }\n',
    address: 'engine/pki/roles/r',
    changes: {
      allowed_ip_sans_cidr: ['10.0.0.0/8'],
      allowed_other_sans: ['1.2.3.4;UTF8:*'],
      cn_validations: ['disabled'],
      ext_key_usage_oids: ['1.2.3.4'],
      key_bits: 4096,
      not_after_bound: 'forbid',
      policy_identifiers: ['1.2.3.4'],
    },
    along: { key_type: { key_bits: 256 } },
  },
  {
    file: 'engines/pki.yaml',
    text: 'type: pki\nurls: { issuing_certificates: ["https://x/ca"] }\n',
    address: 'engine/pki/config/urls',
    changes: Object.fromEntries(
      ['issuing_certificates', 'crl_distribution_points', 'delta_crl_distribution_points', 'ocsp_servers'].map(it => [it, ['https://y/z']]),
    ),
  },
  {
    file: 'engines/pki.yaml',
    text: 'type: pki\ncrl: { expiry: 48h }\n',
    address: 'engine/pki/config/crl',
    along: { enable_delta: { auto_rebuild: true } },
  },
  {
    file: 'engines/pki.yaml',
    text: 'type: pki\ncluster: { path: "https://x/v1/pki", aia_path: "https://x/aia" }\n',
    address: 'engine/pki/config/cluster',
    changes: { path: 'https://y', aia_path: 'https://z' },
  },
  {
    file: 'engines/pki.yaml',
    text: 'type: pki\ncluster: { path: "https://x/v1/pki" }\nroles:\n  r: { no_store: false }\nacme: { eab_policy: always-required }\n',
    address: 'engine/pki/config/acme',
    changes: { allowed_roles: ['r'], default_directory_policy: 'forbid', dns_resolver: '127.0.0.1:53' },
    skip: { allowed_issuers: 'there is no issuer' },
    // Our own server has no ACME.
    refused: /unsupported path/,
  },
  {
    file: 'engines/pki.yaml',
    text: 'type: pki\nauto-tidy: { tidy_cert_store: true, enabled: true }\n',
    address: 'engine/pki/config/auto-tidy',
    along: {
      tidy_cert_store: { tidy_revoked_certs: true },
      publish_stored_certificate_count_metrics: { maintain_stored_certificate_counts: true },
    },
  },
  {
    file: 'engines/transit.yaml',
    text: 'type: transit\nkeys:\n  k: { type: aes256-gcm96, deletion_allowed: true }\n',
    address: 'engine/transit/keys/k',
    afterwards: [['keys/k/rotate', {}]],
    changes: { auto_rotate_period: 7200 },
    skip: { exportable: 'it cannot be taken back', allow_plaintext_backup: 'it cannot be taken back' },
  },
  { file: 'engines/transit.yaml', text: 'type: transit\nconfig: { disable_upsert: true }\n', address: 'engine/transit/config/keys' },
  {
    file: 'engines/ssh.yaml',
    text: 'type: ssh\nroles:\n  r: { key_type: ca, allow_user_certificates: true, allowed_users: [b, a], default_extensions: { permit-pty: "" } }\n',
    address: 'engine/ssh/roles/r',
    changes: { allowed_user_key_lengths: { rsa: 2048 }, algorithm_signer: 'rsa-sha2-256', cidr_list: ['10.0.0.0/8'] },
    along: { key_type: { default_user: 'u', cidr_list: ['10.0.0.0/8'] }, allow_user_certificates: { allow_host_certificates: true } },
    skip: {
      port: 'of the other type',
      cidr_list: 'of the other type',
      exclude_cidr_list: 'of the other type',
      key_type: 'of the other type',
    },
  },
  {
    file: 'engines/ssh.yaml',
    text: 'type: ssh\nroles:\n  r: { key_type: otp, default_user: u, cidr_list: [10.0.0.0/8] }\n',
    address: 'engine/ssh/roles/r',
    changes: { cidr_list: ['10.0.0.0/9'], exclude_cidr_list: ['10.0.0.0/16'] },
    only: ['default_user', 'allowed_users', 'cidr_list', 'exclude_cidr_list', 'port'],
  },
  {
    file: 'engines/ssh.yaml',
    text: 'type: ssh\nroles:\n  r: { key_type: otp, default_user: u, cidr_list: [10.0.0.0/8] }\n  s: { key_type: otp, default_user: u, cidr_list: [10.0.0.0/8] }\nzeroaddress: { roles: [r] }\n',
    address: 'engine/ssh/config/zeroaddress',
    changes: { roles: ['s'] },
  },
  {
    file: 'engines/totp.yaml',
    text: 'type: totp\nkeys:\n  k: { generate: true, issuer: me, account_name: ann }\n',
    address: 'engine/totp/keys/k',
  },
  {
    file: 'engines/rabbitmq.yaml',
    text: 'type: rabbitmq\nconnection: { connection_uri: "http://127.0.0.1:1", username: u, password: { $env: PASSWORD }, verify_connection: false }\n',
    address: 'engine/rabbitmq/config/connection',
    env: { PASSWORD: 's3cret' },
  },
  { file: 'engines/rabbitmq.yaml', text: 'type: rabbitmq\nlease: { ttl: 1h, max_ttl: 2h }\n', address: 'engine/rabbitmq/config/lease' },
  {
    file: 'engines/rabbitmq.yaml',
    text: 'type: rabbitmq\nroles:\n  r: { tags: administrator, vhosts: { "/": { configure: ".*", write: ".*", read: ".*" } } }\n',
    address: 'engine/rabbitmq/roles/r',
    changes: { vhosts: { a: { configure: '', read: '.*', write: '' } }, vhost_topics: { a: { b: { read: '.*', write: '' } } } },
  },
  {
    file: 'engines/kubernetes.yaml',
    text: 'type: kubernetes\nconfig: { kubernetes_host: "https://k.example", disable_local_ca_jwt: true, service_account_jwt: { $env: JWT } }\n',
    address: 'engine/kubernetes/config',
    env: { JWT: 'a.b.c' },
    skip: { disable_local_ca_jwt: 'there is no pod whose CA could be taken' },
  },
  {
    file: 'engines/kubernetes.yaml',
    text: 'type: kubernetes\nroles:\n  r: { allowed_kubernetes_namespaces: [b, a], service_account_name: s, extra_labels: { a: b } }\n',
    address: 'engine/kubernetes/roles/r',
    changes: { allowed_kubernetes_namespace_selector: '{"matchLabels":{"a":"b"}}' },
    along: { kubernetes_role_name: { service_account_name: '' }, generated_role_rules: { service_account_name: '' } },
    skip: { generated_role_rules: 'the rules of a role would be needed' },
  },
  {
    file: 'identity/entities.yaml',
    text: 'ann: { policies: [b, A], metadata: { team: payments }, disabled: true }\n',
    address: 'identity/entity/name/ann',
    skip: { aliases: 'see below' },
  },
  {
    file: 'identity/groups.yaml',
    text: 'ops: { policies: [a] }\n',
    address: 'identity/group/name/ops',
    skip: { member_entities: 'see below', member_groups: 'see below', alias: 'see below' },
  },
  {
    file: 'identity/oidc/config.yaml',
    text: 'issuer: "https://x.example"\n',
    address: 'identity/oidc/config',
    changes: { issuer: 'https://y.example' },
  },
  {
    file: 'identity/oidc/keys.yaml',
    text: 'k: { algorithm: ES256, allowed_client_ids: ["*"] }\n',
    address: 'identity/oidc/key/k',
    changes: { rotation_period: 172_800, verification_ttl: 7200 },
  },
  {
    file: 'identity/oidc/roles.yaml',
    text: 'r: { key: default, ttl: 1h, client_id: here }\n',
    address: 'identity/oidc/role/r',
    changes: { key: 'k2', template: '{"a":"b"}' },
    earlier: [['identity/oidc/key/k2', {}]],
  },
  {
    file: 'identity/oidc/scopes.yaml',
    text: 's: { description: d }\n',
    address: 'identity/oidc/scope/s',
    changes: { template: '{"a":"b"}' },
  },
  {
    file: 'identity/oidc/clients.yaml',
    text: 'c: { redirect_uris: ["https://b.example", "https://a.example"], assignments: [allow_all] }\n',
    address: 'identity/oidc/client/c',
    changes: { assignments: [], id_token_ttl: 3600 },
  },
  {
    file: 'identity/oidc/providers.yaml',
    text: 'p: { allowed_client_ids: ["*"], issuer: "https://x.example" }\n',
    address: 'identity/oidc/provider/p',
    changes: { issuer: 'https://y.example', scopes_supported: ['s2'] },
    earlier: [['identity/oidc/scope/s2', { template: '{"a":"b"}' }]],
  },
  {
    file: 'identity/oidc/assignments.yaml',
    text: 'a: {}\n',
    address: 'identity/oidc/assignment/a',
    skip: { entities: 'see below', groups: 'see below' },
  },
  {
    file: 'quotas/rate-limit.yaml',
    text: 'all: { rate: 100000.5 }\n',
    address: 'sys/quotas/rate-limit/all',
    changes: { path: 'cubbyhole/' },
    along: { path: { inheritable: false } },
    earlier: [['sys/auth/limited', { type: 'approle' }]],
  },
  { file: 'quotas/config.yaml', text: 'enable_rate_limit_response_headers: true\n', address: 'sys/quotas/config' },
  { file: 'namespaces/team-a.yaml', text: 'custom_metadata: { owner: a }\n', address: 'sys/namespaces/team-a' },
  {
    file: 'password-policies/long.hcl',
    text: 'length = 20\nrule "charset" {\n  charset = "abcdefghij"\n}\n',
    address: 'sys/policies/password/long',
    changes: { policy: 'length = 21\nrule "charset" {\n  charset = "abcdefghij"\n}' },
  },
  {
    file: 'system/cors.yaml',
    text: 'allowed_origins: ["https://x.example"]\nallowed_headers: [X-Own]\n',
    address: 'sys/config/cors',
    changes: { allowed_origins: ['https://y.example'] },
  },
  {
    file: 'system/key-rotation.yaml',
    text: 'max_operations: 2000000\n',
    address: 'sys/rotate/config',
    changes: { interval: 90000, enabled: false },
  },
  {
    file: 'system/audited-headers.yaml',
    text: 'x-request-id: { hmac: true }\n',
    address: 'sys/config/auditing/request-headers/x-request-id',
  },
  {
    file: 'system/ui-headers.yaml',
    text: 'x-own-header: { values: [b, a] }\n',
    address: 'sys/config/ui/headers/X-Own-Header',
    changes: { values: ['c'] },
  },
  {
    file: 'audit/log.yaml',
    text: 'type: file\noptions: { file_path: discard }\n',
    address: 'sys/audit/log',
    refused: /cannot enable audit device via API/,
  },
]
