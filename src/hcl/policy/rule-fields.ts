import {
  decodeDynamic,
  decodeField,
  decodeInt,
  decodeLists,
  decodeString,
  decodeStrings,
  type Decoder,
  type Dynamic,
  type Lists,
} from './decode.ts'
import { done, type Failure, type Outcome } from './failure.ts'
import type { Entry, Node } from './node.ts'

export const FILTER = 'list_scan_response_keys_filter_path'

/** What a rule's body says, each value of its type and nothing checked beyond that. */
export interface RuleFields {
  policy?: string
  capabilities?: string[]
  expiration?: string
  minWrappingTtl?: Dynamic
  maxWrappingTtl?: Dynamic
  allowedParameters?: Lists
  deniedParameters?: Lists
  requiredParameters?: string[]
  mfaMethods?: string[]
  paginationLimit?: bigint
  listFilter?: string
}

interface Step {
  readonly key: string
  readonly take: (it: Decoder, body: readonly Entry[], into: RuleFields) => Failure | undefined
}

/** In the order of the server's structure, not of the text: it decides which of several problems is reported. */
const steps: readonly Step[] = [
  step('policy', 'Policy', decodeString, (into, value) => (into.policy = value)),
  step('capabilities', 'Capabilities', decodeStrings, (into, value) => (into.capabilities = value)),
  step('expiration', 'expiration', decodeString, (into, value) => (into.expiration = value)),
  step('min_wrapping_ttl', 'min_wrapping_ttl', decodeOpen, (into, value) => (into.minWrappingTtl = value)),
  step('max_wrapping_ttl', 'max_wrapping_ttl', decodeOpen, (into, value) => (into.maxWrappingTtl = value)),
  step('allowed_parameters', 'allowed_parameters', decodeLists, (into, value) => (into.allowedParameters = value)),
  step('denied_parameters', 'denied_parameters', decodeLists, (into, value) => (into.deniedParameters = value)),
  step('required_parameters', 'required_parameters', decodeStrings, (into, value) => (into.requiredParameters = value)),
  step('mfa_methods', 'mfa_methods', decodeStrings, (into, value) => (into.mfaMethods = value)),
  step('pagination_limit', 'pagination_limit', decodeInt, (into, value) => (into.paginationLimit = value)),
  step(FILTER, FILTER, decodeString, (into, value) => (into.listFilter = value)),
]

const bits: ReadonlyMap<string | undefined, number> = new Map(steps.map(({ key }, i) => [key, 1 << i]))

export function decodeRuleFields(it: Decoder, body: readonly Entry[]): Outcome<RuleFields> {
  let present = 0
  for (const { key } of body) present |= bits.get(key) ?? 0
  const fields: RuleFields = {}
  for (let i = 0; i < steps.length; i++) {
    if ((present & (1 << i)) === 0) continue
    const failed = steps[i]?.take(it, body, fields)
    if (failed !== undefined) return failed
  }
  return done(fields)
}

function step<T>(
  key: string,
  field: string,
  decode: (it: Decoder, name: string, node: Node, before: T | undefined) => Outcome<T>,
  set: (into: RuleFields, value: T) => void,
): Step {
  return {
    key,
    take(it, body, into) {
      const decoded = decodeField(it, body, key, field, decode)
      if (!decoded.ok) return decoded
      if (decoded.value !== undefined) set(into, decoded.value)
      return undefined
    },
  }
}

function decodeOpen(it: Decoder, name: string, node: Node, before: Dynamic | undefined): Outcome<Dynamic> {
  return decodeDynamic(it, name, node, before, 'other')
}
