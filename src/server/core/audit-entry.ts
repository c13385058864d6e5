/** What an audit entry says of a request: made from what the pipeline found out on the way, in the words of the field's tools. */
import { hash } from 'node:crypto'
import { type Decision, ruleText } from '../../policy/index.ts'
import type { WireObject } from '../../schema/index.ts'
import type { AuditAuth, AuditEntry, AuditMount, AuditPolicyResults, AuditRequest, AuditResponse } from '../audit/index.ts'
import { isFault, ROOT_NAMESPACE, type NamespaceRef, type Outcome, type TokenEntry } from '../logical/index.ts'
import type { Passage } from './passage.ts'
import { sanitizePolicies } from './policy-names.ts'

export interface EntryFacts {
  /** Of the API, as mounts show it. */
  readonly version: string
  /** Headers that are audited. */
  readonly headersOf: (valuesOf: (name: string) => readonly string[] | undefined) => AuditRequest['headers']
}

export function requestEntry(passage: Passage, facts: EntryFacts, failure?: unknown): AuditEntry {
  const error = failure === undefined ? undefined : textOf(failure)
  return {
    time: passage.now,
    type: 'request',
    auth: authOf(passage),
    request: requestOf(passage, facts, isAsked(passage)),
    ...(error !== undefined && { error }),
    ...clearKeys(passage),
  }
}

/** `issued`: the token that the answer gives away. */
export function responseEntry(passage: Passage, facts: EntryFacts, time: Date, issued?: TokenEntry, failure?: unknown): AuditEntry {
  const { outcome } = passage
  const granted = outcome?.is === 'token' && issued !== undefined ? issuedAuth(outcome.auth, issued) : undefined
  const isLogin = granted !== undefined && passage.facts?.access === 'public'
  const error = failure === undefined ? undefined : summaryOf(failure)
  return {
    time,
    type: 'response',
    auth: isLogin ? { ...granted, ...(passage.entityCreated && { entity_created: true }) } : authOf(passage),
    request: requestOf(passage, facts, isAsked(passage)),
    response: { ...(granted && { auth: granted }), ...mountOf(passage, facts), ...answerOf(passage, failure) },
    ...(error !== undefined && { error }),
    ...clearKeys(passage),
  }
}

function clearKeys({ resolved }: Passage): Pick<AuditEntry, 'clearRequestKeys' | 'clearResponseKeys'> {
  const { auditNonHmacRequestKeys: request, auditNonHmacResponseKeys: response } = resolved?.mount.entry.config ?? {}
  return { ...(request && { clearRequestKeys: request }), ...(response && { clearResponseKeys: response }) }
}

function authOf({ request, token, owner, holder, usesBefore, decision, facts }: Passage): AuditAuth {
  const results = decision === undefined ? undefined : policyResults(decision, owner)
  const open: AuditPolicyResults | undefined = facts?.access === 'public' ? { allowed: true } : undefined
  const shown = results ?? open
  if (token === undefined) return { ...(shown && { policy_results: shown }), token_type: 'default' }
  return {
    ...(request.token !== undefined && { client_token: request.token }),
    accessor: token.accessor,
    display_name: token.displayName,
    ...allPolicies(token, holder),
    ...(token.noDefaultPolicy && { no_default_policy: true }),
    ...(shown && { policy_results: shown }),
    ...(token.metadata && Object.keys(token.metadata).length > 0 && { metadata: token.metadata }),
    ...(usesBefore > 0 && { remaining_uses: usesBefore }),
    ...(token.entityId !== '' && { entity_id: token.entityId }),
    token_type: token.type,
    ...(token.creationTtl > 0 && { token_ttl: token.creationTtl }),
    token_issue_time: `${new Date(token.creationTime).toISOString().slice(0, 19)}Z`,
  }
}

/** Of the token, and of its entity and groups as they were when the request came. */
function allPolicies(token: TokenEntry, holder: Passage['holder']): Pick<AuditAuth, 'policies' | 'token_policies' | 'identity_policies'> {
  const own = { policies: token.policies, token_policies: token.policies }
  if (holder === undefined || holder.policies.length === 0) return own
  return { ...own, policies: sanitizePolicies([...token.policies, ...holder.policies], false), identity_policies: holder.policies }
}

const shownNamespace = ({ id, path }: NamespaceRef): AuditRequest['namespace'] => (path === '' ? { id } : { id, path })

/** Made once for each decision that the ACL keeps. */
const shownDecisions = new WeakMap<Decision, AuditPolicyResults>()

/** `owner`: the namespace of the token, whose policies they are. */
function policyResults(decision: Decision, owner: NamespaceRef): AuditPolicyResults {
  const known = shownDecisions.get(decision)
  if (known !== undefined) return known
  const { rule } = decision
  const of = rule && { rule: ruleText(rule), rule_policies: [...new Set(rule.sources.map(it => it.policy.name))] }
  const made: AuditPolicyResults = decision.allowed
    ? {
        allowed: true,
        ...(decision.grantedBy.length > 0 && {
          granting_policies: decision.grantedBy.map(it => ({
            name: it.name,
            namespace_id: owner.id,
            ...(owner.path !== '' && { namespace_path: owner.path }),
            type: 'acl',
          })),
        }),
        ...of,
      }
    : { allowed: false, ...of, reason: decision.reason }
  shownDecisions.set(decision, made)
  return made
}

function issuedAuth(auth: WireObject, token: TokenEntry): AuditAuth {
  return {
    client_token: auth['client_token'] as string,
    accessor: token.accessor,
    display_name: token.displayName,
    policies: auth['policies'] as readonly string[],
    token_policies: token.policies,
    ...(Array.isArray(auth['identity_policies']) && { identity_policies: auth['identity_policies'] as readonly string[] }),
    ...(token.noDefaultPolicy && { no_default_policy: true }),
    ...(token.metadata && Object.keys(token.metadata).length > 0 && { metadata: token.metadata }),
    ...(token.numUses > 0 && { remaining_uses: token.numUses }),
    ...(token.entityId !== '' && { entity_id: token.entityId }),
    token_type: token.type,
    ...(token.creationTtl > 0 && { token_ttl: token.creationTtl }),
  }
}

/** Whether the mount has been asked something by now: the peer knows its accessor from then on. */
const isAsked = ({ request, facts, wroteTo, dispatched }: Passage): boolean =>
  wroteTo || dispatched || (facts?.access === 'public' && request.op === 'write')

/** `asked`: see isAsked. */
function requestOf(passage: Passage, { version, headersOf }: EntryFacts, asked: boolean): AuditRequest {
  const { request, resolved, token, path, realm } = passage
  const headers = request.valuesOf === undefined ? undefined : headersOf(name => request.valuesOf?.(name))
  return {
    id: request.id,
    ...(token && { client_id: clientId(token) }),
    operation: request.op === 'write' ? passage.wants : request.op,
    ...(resolved && {
      mount_point: realm.namespace.path + resolved.mountPath,
      mount_type: resolved.mount.entry.type,
      ...(asked && { mount_accessor: resolved.mount.entry.accessor }),
      mount_running_version: `v${version}+builtin.bao`,
      mount_class: resolved.mount.entry.table,
    }),
    ...(request.token !== undefined && request.token !== '' && { client_token: request.token }),
    ...(token && token.accessor !== '' && { client_token_accessor: token.accessor }),
    namespace: shownNamespace(realm.namespace),
    path,
    ...(hasKeys(request.data) && { data: request.data }),
    ...(request.remoteAddress !== '' && { remote_address: request.remoteAddress }),
    ...(request.remotePort !== undefined && { remote_port: request.remotePort }),
    ...(request.wrap !== undefined && request.wrap.ttl > 0 && { wrap_ttl: request.wrap.ttl }),
    ...(headers && { headers }),
  }
}

function mountOf(passage: Passage, { version }: EntryFacts): AuditMount & Pick<AuditResponse, 'mount_running_plugin_version'> {
  const { resolved, realm } = passage
  if (resolved === undefined) return {}
  const { entry } = resolved.mount
  return {
    mount_point: realm.namespace.path + resolved.mountPath,
    mount_type: entry.type,
    ...(isAsked(passage) && { mount_accessor: entry.accessor }),
    mount_running_plugin_version: `v${version}+builtin.bao`,
    mount_class: entry.table,
  }
}

function answerOf(passage: Passage, failure: unknown): Partial<AuditResponse> {
  if (failure !== undefined) {
    const text = refusalOf(failure)
    return text === undefined ? {} : { data: { error: text } }
  }
  const { outcome, lease } = passage
  if (outcome === undefined) return {}
  const data = dataOf(outcome)
  return {
    ...(lease && { secret: { lease_id: lease.id } }),
    // The peer's: advice on how long data is good, as kv version 1 gives it, is a secret without a lease.
    ...(outcome.is === 'data' && outcome.leaseDuration !== undefined && { secret: {} }),
    ...(data && hasKeys(data) && { data }),
    ...(outcome.is === 'wrapped' && {
      wrap_info: {
        ttl: outcome.wrap.ttl,
        token: outcome.wrap.token,
        accessor: outcome.wrap.accessor,
        creation_time: outcome.wrap.creationTime,
        creation_path: outcome.wrap.creationPath,
        ...(outcome.wrap.wrappedAccessor !== undefined && { wrapped_accessor: outcome.wrap.wrappedAccessor }),
      },
    }),
    ...(outcome.warnings.length > 0 && { warnings: outcome.warnings }),
  }
}

function dataOf(outcome: Outcome): WireObject | undefined {
  switch (outcome.is) {
    case 'data':
      return outcome.data ?? undefined
    case 'lease':
      return outcome.data
    case 'raw':
      return {
        http_content_type: outcome.contentType,
        // What is sent in pieces is too large to be kept.
        ...(outcome.body instanceof Uint8Array && { http_raw_body: Buffer.from(outcome.body).toString('base64') }),
        http_status_code: outcome.status,
      }
    default:
      return undefined
  }
}

const hasKeys = (data: WireObject): boolean => {
  for (const _ in data) return true
  return false
}

/** Who counts as one client: the entity, and without one whoever has the same policies. */
function clientId(token: TokenEntry): string {
  if (token.entityId !== '') return token.entityId
  return hash('sha256', `${token.policies.toSorted().join('\u007f')}\u0000${token.namespace ?? ROOT_NAMESPACE.id}`, 'base64')
}

const listed = (text: string): string => (text.startsWith('1 error occurred:') ? text : `1 error occurred:\n\t* ${text}\n\n`)

/** In clear, so nothing that a refusal quotes of the request: those words stand hashed beside it. */
function summaryOf(failure: unknown): string | undefined {
  if (!isFault(failure) || failure.status >= 500) return 'internal error'
  if (failure.status === 403) return listed('permission denied')
  if (failure.status === 405) return failure.wire[0] ?? listed('unsupported operation')
  // That nothing is there is no error.
  if (failure.status === 404) return failure.wire.length === 0 ? undefined : listed('unsupported path')
  return listed('invalid request')
}

/** Of the request's own entry: a refusal of the token or by a policy has fixed words. */
const textOf = (failure: unknown): string | undefined =>
  isFault(failure) && (failure.status === 403 || failure.status === 429) ? failure.wire[0] : summaryOf(failure)

const refusalOf = (failure: unknown): string | undefined => {
  if (!isFault(failure)) return 'internal error'
  return failure.status === 405 || failure.code === 'unsupportedPath' ? undefined : failure.wire[0]
}
