/**
 * An audit entry before it is hashed, in the peer's words and order of keys: this is a format that others read. What is secret
 * stands at known places only (`client_token`, `accessor`, `client_token_accessor`, `data`, `headers`, the tokens of `wrap_info`):
 * see render.ts, which is the only one to turn an entry into text.
 */

/** Data of a request or an answer, in wire form. */
export type AuditData = Readonly<Record<string, unknown>>

export interface AuditPolicyResults {
  readonly allowed: boolean
  readonly granting_policies?: readonly {
    readonly name: string
    readonly namespace_id: string
    readonly namespace_path?: string
    readonly type: 'acl'
  }[]
  /** Ours: the path of the rule that decided, as its author wrote it. */
  readonly rule?: string
  /** Ours: the policies whose rules it was merged from. */
  readonly rule_policies?: readonly string[]
  /** Ours, of a denial: which question the rule failed. */
  readonly reason?: string
}

export interface AuditAuth {
  readonly client_token?: string
  readonly accessor?: string
  readonly display_name?: string
  readonly policies?: readonly string[]
  readonly token_policies?: readonly string[]
  readonly identity_policies?: readonly string[]
  readonly no_default_policy?: boolean
  readonly policy_results?: AuditPolicyResults
  readonly metadata?: Readonly<Record<string, string>>
  readonly remaining_uses?: number
  readonly entity_id?: string
  readonly entity_created?: boolean
  readonly token_type: string
  /** Seconds. */
  readonly token_ttl?: number
  readonly token_issue_time?: string
}

export interface AuditMount {
  readonly mount_point?: string
  readonly mount_type?: string
  readonly mount_accessor?: string
  readonly mount_class?: string
}

export interface AuditRequest extends AuditMount {
  readonly id: string
  readonly client_id?: string
  readonly operation: string
  readonly mount_running_version?: string
  readonly client_token?: string
  readonly client_token_accessor?: string
  readonly namespace: { readonly id: string; readonly path?: string }
  readonly path: string
  readonly data?: AuditData
  readonly remote_address?: string
  readonly remote_port?: number
  readonly wrap_ttl?: number
  readonly headers?: Readonly<Record<string, readonly string[]>>
}

export interface AuditResponse extends AuditMount {
  readonly auth?: AuditAuth
  readonly mount_running_plugin_version?: string
  readonly secret?: { readonly lease_id?: string }
  readonly data?: AuditData
  readonly wrap_info?: {
    readonly ttl: number
    readonly token: string
    readonly accessor: string
    readonly creation_time: string
    readonly creation_path: string
    readonly wrapped_accessor?: string
  }
  readonly warnings?: readonly string[]
}

export interface AuditEntry {
  readonly time: Date
  readonly type: 'request' | 'response'
  readonly auth: AuditAuth
  readonly request: AuditRequest
  readonly response?: AuditResponse
  /** In clear. */
  readonly error?: string
  /** Keys of data whose strings the mount wants to see in clear. */
  readonly clearRequestKeys?: readonly string[]
  readonly clearResponseKeys?: readonly string[]
}
