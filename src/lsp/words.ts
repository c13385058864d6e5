import type { Capability, ruleKeys } from '../hcl/index.ts'

/** What each capability lets its holder do. */
export const capabilityWords: Readonly<Record<Capability, string>> = {
  create: 'write (POST, PUT) where nothing is yet',
  read: 'read (GET)',
  update: 'write (POST, PUT) where something is already; also most of what is done rather than stored, as a login',
  delete: 'delete (DELETE)',
  list: 'list the keys right below (LIST); the values are not filtered by what else may be read',
  scan: 'list the keys at all depths (SCAN)',
  patch: 'change a part of what is there (PATCH)',
  sudo: 'pass at root-protected paths, on top of the capability for the operation',
  deny: 'nothing: it goes before every other capability of the same path, in all policies',
}

/** What each attribute of a rule means. */
export const ruleKeyWords: Readonly<Record<(typeof ruleKeys)[number], string>> = {
  comment: 'Read and ignored.',
  policy: 'The words of the time before capabilities: `deny`, `read`, `write`, `sudo`.',
  capabilities: 'What a token may do at the path. Without it, or empty: nothing, and wider rules do not answer there either.',
  allowed_parameters:
    'Parameters that a write may have, each with its allowed values; `[]` is any value, the key `"*"` any other parameter.',
  denied_parameters: 'Parameters that a write may not have, each with the refused values; `[]` is any value. Goes before what is allowed.',
  required_parameters: 'Parameters that a write must have.',
  min_wrapping_ttl: 'The answer must be wrapped, for at least this long.',
  max_wrapping_ttl: 'The answer must be wrapped, for at most this long.',
  mfa_methods: 'Read and kept, without any effect.',
  pagination_limit: 'The most keys that one list may ask for.',
  expiration: 'The rule does not exist from this moment on: RFC 3339, or seconds since 1970.',
  list_scan_response_keys_filter_path: 'A list shows only keys whose path, made by this template, the token may read.',
  control_group: 'Somebody else has to agree before the answer is given.',
}

/** What stands in the bodies below a rule. */
export const nestedKeyWords: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  control_group: {
    factor: 'Who has to agree, for which operations.',
    ttl: 'How long a request waits for agreement.',
    self_auth_allowed: 'Whether who asks may agree too.',
  },
  factor: {
    controlled_capabilities: 'The operations that need agreement; at least one.',
    identity: 'The groups whose members may agree, and how many must.',
  },
  identity: {
    group_names: 'Groups by name.',
    approvals: 'How many members must agree.',
  },
}
