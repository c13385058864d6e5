import type { HclTree } from '../parse/index.ts'
import {
  decodeBool,
  decodeDynamic,
  decodeField,
  decodeInt,
  decodeStrings,
  plain,
  unreadable,
  type Decoder,
  type Dynamic,
} from './decode.ts'
import type { ControlGroup } from './document.ts'
import { parseDurationSecond } from './duration.ts'
import { done, failure, listOf, prefixed, wrapped, type Failure, type Outcome } from './failure.ts'
import { bodyEntries, unknownKeys } from './keys.ts'
import { filtered, keysLeft, rangeOfNode, type Entry, type Node } from './node.ts'

const OPERATIONS: ReadonlySet<string> = new Set([
  'create',
  'read',
  'update',
  'patch',
  'delete',
  'list',
  'scan',
  'help',
  'alias-lookahead',
  'resolve-role',
  'header',
  'revoke',
  'renew',
  'rollback',
])

type Factor = ControlGroup['factors'][number]

/** The control group of a rule: of several the last counts, but all of them are checked and reported together. */
export function decodeControlGroup(tree: HclTree, rule: readonly Entry[], about: string): Outcome<ControlGroup | undefined> {
  let group: ControlGroup | undefined
  const failures: Failure[] = []
  for (const entry of filtered(tree, rule, 'control_group')) {
    const decoded = decodeOne({ tree, about }, entry)
    if (decoded.ok) group = decoded.value
    else failures.push(decoded)
  }
  const failed = listOf(failures)
  return failed === undefined ? done(group) : wrapped('error handling control_group', failed)
}

function decodeOne(it: Decoder, entry: Entry): Outcome<ControlGroup> {
  const { tree } = it
  const entries = bodyEntries(tree, entry.item.value, 'control_group')
  if ('ok' in entries) return entries
  const unknown = unknownKeys(tree, entries, ['ttl', 'self_auth_allowed', 'factor'], 'control_group')
  if (unknown !== undefined) return unknown
  const within = { tree, about: ` of control_group${it.about}` }

  const ttl = decodeField<Dynamic>(within, entries, 'ttl', 'ttl', (d, name, node, before) => decodeDynamic(d, name, node, before, 'other'))
  if (!ttl.ok) return prefixed('path control_group:', ttl)
  const selfAuth = decodeField<boolean>(within, entries, 'self_auth_allowed', 'self_auth_allowed', decodeBool)
  if (!selfAuth.ok) return prefixed('path control_group:', selfAuth)
  const drafts = decodeFactors(within, entries)
  if (!drafts.ok) return drafts

  const duration = parseDurationSecond(raw(ttl.value))
  if ('error' in duration)
    return failure(
      found(it, entry, 'HCL2008', `ttl of control_group${it.about} is no duration`),
      `path control_group: invalid ttl: ${duration.error}`,
    )
  if (drafts.value.length === 0) {
    return failure(found(it, entry, 'HCL2010', `control_group${it.about} has no factor`), 'requires at least one factor but had none')
  }
  for (const [i, { factor, entry: at }] of drafts.value.entries()) {
    const problem = incomplete(factor, i)
    if (problem !== undefined)
      return failure(found(it, at, 'HCL2010', `factor ${factor.name}${within.about}: ${problem.summary}`), problem.peer)
  }
  const seconds = Number(duration.value) / 1e9
  return done({
    ...(seconds === 0 ? {} : { ttl: seconds }),
    selfAuthAllowed: selfAuth.value ?? false,
    factors: drafts.value.map(draft => draft.factor),
  })
}

/** A value of an open type as the duration parser takes it: whole numbers stay exact. */
export const raw = (value: Dynamic | undefined): unknown =>
  value === undefined ? undefined : value.type === 'int' ? value.value : plain(value)

interface Draft {
  readonly factor: Factor
  readonly entry: Entry
}

function decodeFactors(it: Decoder, group: readonly Entry[]): Outcome<readonly Draft[]> {
  const drafts: Draft[] = []
  const failures: Failure[] = []
  for (const entry of filtered(it.tree, group, 'factor')) {
    const factor = decodeFactor(it, entry)
    if (factor.ok) drafts.push({ factor: factor.value, entry })
    else failures.push(factor)
  }
  const failed = listOf(failures)
  return failed === undefined ? done(drafts) : wrapped('error handling control_group factor', failed)
}

const FACTOR = 'path control_group factor:'

function decodeFactor(it: Decoder, entry: Entry): Outcome<Factor> {
  const { tree } = it
  const entries = bodyEntries(tree, entry.item.value, 'factor')
  if ('ok' in entries) return prefixed(FACTOR, entries)
  const unknown = unknownKeys(tree, entries, ['controlled_capabilities', 'identity'], 'factor')
  if (unknown !== undefined) return prefixed(FACTOR, unknown)
  const within = { tree, about: ` of factor${it.about}` }
  const capabilities = decodeField<string[]>(within, entries, 'controlled_capabilities', 'controlled_capabilities', decodeStrings)
  if (!capabilities.ok) return prefixed(FACTOR, capabilities)
  const identity = decodeField<Identity>(within, entries, 'identity', 'Identity', decodeIdentity)
  if (!identity.ok) return prefixed(FACTOR, identity)
  if (keysLeft(entry) === 0) return failure(found(it, entry, 'HCL2010', `factor${it.about} has no name`), `${FACTOR} require name key`)
  const name = entry.key
  if (name === undefined) return unreadable({ tree, about: `the name of a factor${it.about}` }, entry)
  const { groupNames = [], approvals = 0 } = identity.value ?? {}
  return done({ name, controlledCapabilities: capabilities.value ?? [], groupNames, approvals })
}

interface Identity {
  readonly groupNames?: string[]
  readonly approvals?: number
}

/** Other keys are ignored here, and letter case does not matter: the server does not check them. */
function decodeIdentity(it: Decoder, name: string, node: Node, before: Identity = {}): Outcome<Identity> {
  if (node.kind !== 'entries') {
    const at = rangeOfNode(it.tree, node)
    const { line, column } = at?.start ?? { line: 0, column: 0 }
    const place = it.tree.dialect === 'json' ? '-' : `${line}:${column}`
    const kind = node.kind === 'list' ? '*ast.ListType' : '*ast.LiteralType'
    return failure(
      { code: 'HCL2001', severity: 'error', summary: `${it.about}: expected { … }`, ...(at === undefined ? {} : { at }) },
      `At ${place}: ${name}: not an object type for struct (${kind})`,
    )
  }
  const { entries } = node
  const groups = decodeField<string[]>(
    { ...it, about: ` of ${it.about}` },
    entries,
    'group_names',
    'Identity.group_names',
    (d, field, value, old) => decodeStrings(d, field, value, old ?? before.groupNames),
  )
  if (!groups.ok) return groups
  const approvals = decodeField<bigint>({ ...it, about: ` of ${it.about}` }, entries, 'approvals', 'Identity.Approvals', decodeInt)
  if (!approvals.ok) return approvals
  const groupNames = groups.value ?? before.groupNames
  const count = approvals.value === undefined ? before.approvals : Number(approvals.value)
  return done({ ...(groupNames === undefined ? {} : { groupNames }), ...(count === undefined ? {} : { approvals: count }) })
}

function incomplete(factor: Factor, index: number): { readonly summary: string; readonly peer: string } | undefined {
  const unknown = factor.controlledCapabilities.find(it => !OPERATIONS.has(it))
  if (unknown !== undefined) {
    return {
      summary: `unknown operation ${JSON.stringify(unknown)} in controlled_capabilities`,
      peer: `path control_group Operation(s) not valid: ${unknown}`,
    }
  }
  if (factor.controlledCapabilities.length === 0)
    return { summary: 'expected controlled_capabilities', peer: `factor ${index}: missing controlled capabilities` }
  if (factor.approvals <= 0) return { summary: 'expected approvals of at least 1', peer: `factor ${index}: missing required approvals` }
  if (factor.groupNames.length === 0) return { summary: 'expected group_names', peer: `factor ${index}: missing approving groups` }
  return undefined
}

function found(
  it: Decoder,
  entry: Entry,
  code: string,
  summary: string,
): { readonly code: string; readonly severity: 'error'; readonly summary: string } {
  const at = rangeOfNode(it.tree, entry)
  return { code, severity: 'error', summary, ...(at === undefined ? {} : { at }) }
}
