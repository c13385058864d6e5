import { attribute, trimmed, type Shape } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'
import type { Values } from '../../model/index.ts'
import { isNothing } from '../token-attributes.ts'

/** https://openbao.org/api-docs/system/audit/, as OpenBao answers it: a device cannot be changed. */
const audit: Collection = {
  is: 'collection',
  doc: 'Audit devices.',
  path: 'audit',
  noun: 'audit device',
  inOneAnswer: true,
  shape: {
    type: attribute.text('What kind of device: file, socket, syslog.', { fallback: null, fixed: true }),
    description: attribute.text('What it is for.', { fixed: true }),
    local: attribute.flag('Whether it is not replicated.', { fixed: true }),
    options: attribute.pairs('Options of its type.', { fixed: true }),
  },
  foldsNames: false,
  contradictions: values => (isNothing(values['type']) ? [{ attribute: 'type', why: 'an audit device needs a type' }] : []),
}

const withSlash = (path: string): string => (path === '' || path.endsWith('/') ? path : `${path}/`)

/** https://openbao.org/api-docs/system/rate-limit-quotas/ */
const rateLimits: Collection = {
  is: 'collection',
  doc: 'How many requests there may be.',
  path: 'quotas/rate-limit',
  noun: 'rate limit',
  shape: {
    rate: attribute.amount('How many requests in an interval.', { fallback: null }),
    interval: attribute.span('How long an interval is.', { fallback: 1 }),
    block_interval: attribute.span('For how long whoever exceeds it is refused; 0 for the rest of the interval.'),
    path: attribute.text('Below which mount or path; empty for everywhere.', { tidy: value => withSlash(value as string) }),
    role: attribute.text('For logins of which role.', { fixed: true }),
    inheritable: attribute.flag('Whether it holds in namespaces below.', { fallback: null }),
  },
  foldsNames: false,
  complete: values => ({ ...values, inheritable: values['inheritable'] ?? values['path'] === '' }),
  contradictions: values => (Number(values['rate'] ?? 0) > 0 ? [] : [{ attribute: 'rate', why: 'a rate limit needs rate' }]),
}

const quotaConfig: Singleton = {
  is: 'singleton',
  begins: 'mount',
  doc: 'What holds for all quotas.',
  path: 'quotas/config',
  shape: {
    enable_rate_limit_audit_logging: attribute.flag('Whether refused requests reach the audit log.'),
    enable_rate_limit_response_headers: attribute.flag('Whether answers tell about the limit.'),
    rate_limit_exempt_paths: attribute.set('Paths without a limit.'),
  },
}

const namespaces: Collection = {
  is: 'collection',
  doc: 'Namespaces.',
  path: 'namespaces',
  noun: 'namespace',
  shape: { custom_metadata: attribute.pairs('What people want to know of it.') },
  foldsNames: false,
  losesOnDelete: 'everything in it: its mounts, secrets, policies and tokens',
}

const passwordPolicies: Collection = {
  is: 'collection',
  doc: 'How passwords are made.',
  path: 'policies/password',
  noun: 'password policy',
  text: 'policy',
  absence: 'told by the list',
  shape: { policy: attribute.text('The policy.', { fallback: null, tidy: value => trimmed(value as string) }) },
  foldsNames: false,
}

/** Headers that the server allows in any case, and answers with those that were said. */
const ALWAYS: ReadonlySet<string> = new Set([
  'Authorization',
  'Content-Type',
  'X-Requested-With',
  'X-Vault-AWS-IAM-Server-ID',
  'X-Vault-MFA',
  'X-Vault-No-Request-Forwarding',
  'X-Vault-Policy-Override',
  'X-Vault-Token',
  'X-Vault-Wrap-Format',
  'X-Vault-Wrap-TTL',
])

const headers = (value: readonly string[]): readonly string[] => [...new Set(value.filter(it => it !== '' && !ALWAYS.has(it)))].sort()

/** https://openbao.org/api-docs/system/config-cors/ */
const cors: Singleton = {
  is: 'singleton',
  begins: 'write',
  doc: 'Which web pages may use the API.',
  path: 'config/cors',
  shape: {
    allowed_origins: attribute.set('Where such pages come from; * for anywhere.'),
    allowed_headers: attribute.set('Headers that they may send beyond those of the API.', {
      tidy: value => headers(value as readonly string[]),
    }),
    allow_credentials: attribute.flag('Whether they may send cookies.'),
  },
  isAbsent: (values: Values) => values['enabled'] === false,
  contradictions: values =>
    isNothing(values['allowed_origins']) ? [{ attribute: 'allowed_origins', why: 'CORS needs allowed_origins' }] : [],
}

const rotation: Shape = {
  enabled: attribute.flag('Whether it is rotated by itself.', { fallback: true }),
  interval: attribute.span('How often at least; 0 for by its use alone.'),
  max_operations: attribute.count('After how many encryptions.', { fallback: 3_865_470_566 }),
}

const keyRotation: Singleton = {
  is: 'singleton',
  begins: 'mount',
  doc: 'When the key that encrypts the storage is rotated.',
  path: 'rotate/config',
  shape: rotation,
}

const requestHeaders: Collection = {
  is: 'collection',
  doc: 'Request headers that reach the audit log.',
  path: 'config/auditing/request-headers',
  noun: 'audited header',
  inOneAnswer: true,
  answerKey: 'headers',
  shape: { hmac: attribute.flag('Whether its value is hashed there.') },
  foldsNames: true,
}

/** `x-own-header` → `X-Own-Header`: how the server keeps names of headers (RFC 9110, section 5.1: case means nothing). */
const headerName = (name: string): string => name.toLowerCase().replace(/(^|-)[a-z]/g, it => it.toUpperCase())

/** https://openbao.org/api-docs/system/config-ui/ */
const uiHeaders: Collection = {
  is: 'collection',
  doc: 'Headers that the web interface is served with.',
  path: 'config/ui/headers',
  noun: 'header',
  query: { multivalue: 'true' },
  shape: { values: attribute.list('Its values.', { fallback: null }) },
  foldsNames: true,
  foldName: headerName,
  contradictions: values => (isNothing(values['values']) ? [{ attribute: 'values', why: 'a header needs values' }] : []),
}

/** What every server has, by the file that describes it. */
export const system: MountType = {
  type: 'system',
  table: 'sys',
  doc: 'What every server has.',
  sections: {
    audit,
    namespaces,
    'password-policies': passwordPolicies,
    'quotas/config': quotaConfig,
    'quotas/rate-limit': rateLimits,
    'system/audited-headers': requestHeaders,
    'system/cors': cors,
    'system/key-rotation': keyRotation,
    'system/ui-headers': uiHeaders,
  },
}
