import type { Checked, SourceFile } from '../../kernel/index.ts'
import { parseText, type HclTree } from '../parse/index.ts'
import { decodeField, decodeString } from './decode.ts'
import type { PathRule, PolicyDoc } from './document.ts'
import { findingsOf, peerText, type Failure } from './failure.ts'
import { unknownKeys } from './keys.ts'
import { entriesOf, filtered } from './node.ts'
import { decodeRule } from './rule.ts'

export interface PolicyOptions {
  /** Rules that expired before this moment do not count. */
  readonly now: Date
  /** Path of the policy's namespace, `team/` or ''; messages about wildcards show it. */
  readonly namespace?: string
}

/** `peerError`: the server's own message when it refuses the text, as it stands in `errors` of its answer with status 400. */
export type CheckedPolicy = Checked<PolicyDoc> & { readonly peerError?: string }

/** A policy text with all of the server's checks. Findings come from the first broken layer: characters, grammar, keys, rules. */
export function parsePolicy(file: SourceFile, options: PolicyOptions): CheckedPolicy {
  const parsed = parseText(file)
  if (!parsed.ok) {
    return { findings: parsed.refusals.map(it => it.finding), peerError: `${REFUSED}${parsed.refusals[0]?.peer ?? ''}` }
  }
  return decodePolicy(parsed.value, options)
}

const REFUSED = 'failed to parse policy: '

/** The same for a text that is already parsed. */
export function decodePolicy(tree: HclTree, { now, namespace = '' }: PolicyOptions): CheckedPolicy {
  const entries = entriesOf(tree, tree.items)
  const unknown = unknownKeys(tree, entries, ['name', 'path'], 'a policy')
  if (unknown !== undefined) return refused([unknown])
  const name = decodeField<string>({ tree, about: ' of the policy' }, entries, 'name', 'name', decodeString)
  if (!name.ok) return refused([name])

  const rules: PathRule[] = []
  const expired: PathRule[] = []
  const failures: Failure[] = []
  for (const entry of filtered(tree, entries, 'path')) {
    const decoded = decodeRule({ tree, now, namespace }, entry)
    if (!decoded.ok) failures.push(decoded)
    else (decoded.value.expired ? expired : rules).push(decoded.value.rule)
  }
  if (failures.length > 0) return refused(failures)
  return {
    value: {
      name: (name.value ?? '').toLowerCase(),
      rules,
      ...(expired.length > 0 ? { expired } : {}),
      templated: [...rules, ...expired].some(it => it.path.includes('{{')),
      tree,
    },
    findings: [],
  }
}

function refused(failures: readonly Failure[]): CheckedPolicy {
  const [first] = failures
  return { findings: findingsOf(failures), peerError: REFUSED + (first === undefined ? '' : peerText(first.peer)) }
}
