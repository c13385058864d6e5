import { readFileSync } from 'node:fs'
import type { IdentityFacts, TemplateFlags } from '../../src/policy/index.ts'

/** A case recorded from the real server: policies, a path, what sys/capabilities said, and requests with their answers. */
export interface RecordedCase {
  readonly id: string
  readonly note: string
  /** `null`: a policy that does not exist. `builtin`: the one that comes with the server. */
  readonly policies: Readonly<Record<string, string | null>>
  readonly path: string
  readonly expected_capabilities: readonly string[] | null
  readonly capabilities_error?: { readonly status: number; readonly errors: readonly string[] }
  readonly checks?: readonly RecordedRequest[]
  readonly setup?: {
    readonly policy_options?: {
      readonly allow_slashes_in_identity_templates?: boolean
      readonly allow_wildcards_in_identity_templates?: boolean
    }
    readonly namespace?: string
    readonly policy_and_token_in?: string
    readonly asked_in?: string
    readonly entity?: { readonly name: string; readonly metadata: Readonly<Record<string, string>> }
    readonly alias?: { readonly name: string; readonly custom_metadata: Readonly<Record<string, string>> }
    readonly group?: { readonly name: string; readonly metadata: Readonly<Record<string, string>> }
  }
}

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly body?: Readonly<Record<string, unknown>>
  readonly headers?: Readonly<Record<string, string>>
  readonly status: number
  readonly allowed: boolean
  readonly errors?: readonly string[]
  readonly keys?: readonly string[]
  readonly wrapped?: boolean
}

export const recordedCases: readonly RecordedCase[] = JSON.parse(
  readFileSync(new URL('../vectors/acl-cases.json', import.meta.url), 'utf8'),
)

const ACCESSOR = 'auth_userpass_1'
const ENTITY = 'ffffffff-0000-4000-8000-000000000001'
const GROUP = 'ffffffff-0000-4000-8000-000000000002'

/** Gives the ids that the recording left open. */
export const filledIn = (text: string): string =>
  text.replaceAll('$ACCESSOR', ACCESSOR).replaceAll('$ENTITY_ID', ENTITY).replaceAll('$GROUP_ID', GROUP)

export function factsOf({ setup }: RecordedCase): IdentityFacts | undefined {
  if (setup?.entity === undefined) return undefined
  const { entity, alias, group } = setup
  return {
    entity: {
      id: ENTITY,
      name: entity.name,
      metadata: entity.metadata,
      aliases:
        alias === undefined ? [] : [{ id: 'alias-1', name: alias.name, mountAccessor: ACCESSOR, customMetadata: alias.custom_metadata }],
    },
    groups: group === undefined ? [] : [{ id: GROUP, name: group.name, metadata: group.metadata }],
  }
}

export const flagsOf = ({ setup }: RecordedCase): TemplateFlags => ({
  allowSlashes: setup?.policy_options?.allow_slashes_in_identity_templates === true,
  allowWildcards: setup?.policy_options?.allow_wildcards_in_identity_templates === true,
})

export const namespacePath = (name: string | undefined): string => (name === undefined || name === 'root' ? '' : `${name}/`)
