import type { Json } from '../../kernel/index.ts'
import { type Row, tableOf } from './columns.ts'
import { byBytes, goQuotedList, goText, goTime, humanDurationOf, looksLikeDuration } from './go-text.ts'
import type { Secret } from './secret.ts'

type Map = Readonly<Record<string, Json>>

const dataRows = (data: Readonly<Record<string, unknown>>): readonly Row[] =>
  Object.keys(data)
    .sort(byBytes)
    .map(key => [key, goText(looksLikeDuration(key) ? humanDurationOf(data[key]) : data[key])])

function leaseRows({ lease_id: id = '', lease_duration: duration = 0, renewable = false }: Secret): readonly Row[] {
  if (duration <= 0) return []
  const span = goText(humanDurationOf(duration))
  // Without a lease the span is only a hint of when to read again.
  if (id === '') return [['refresh_interval', span]]
  return [
    ['lease_id', id],
    ['lease_duration', span],
    ['lease_renewable', String(renewable)],
  ]
}

function mfaRows(requirement: Map): readonly Row[] {
  const constraints = Object.entries((requirement['mfa_constraints'] ?? {}) as Readonly<Record<string, { readonly any?: readonly Map[] }>>)
  return [
    ['mfa_request_id', goText(requirement['mfa_request_id'])],
    ...constraints.flatMap(([name, { any = [] }]) =>
      any.flatMap(it => {
        const stem = `mfa_constraint_${name}_${goText(it['type'])}`
        return [
          [`${stem}_id`, goText(it['id'])],
          [`${stem}_uses_passcode`, goText(it['uses_passcode'] ?? false)],
          ...(typeof it['name'] === 'string' && it['name'] !== '' ? [[`${stem}_name`, it['name']]] : []),
        ]
      }),
    ),
  ]
}

function authRows(auth: Map): readonly Row[] {
  const requirement = auth['mfa_requirement']
  if (requirement !== null && requirement !== undefined) return mfaRows(requirement as Map)
  const policies = (name: string): string => goQuotedList((auth[name] ?? []) as readonly string[])
  const duration = auth['lease_duration'] ?? 0
  const metadata = (auth['metadata'] ?? {}) as Map
  return [
    ['token', goText(auth['client_token'] ?? '')],
    ['token_accessor', goText(auth['accessor'] ?? '')],
    ['token_duration', duration === 0 ? '∞' : goText(humanDurationOf(duration))],
    ['token_renewable', goText(auth['renewable'] ?? false)],
    ['token_policies', policies('token_policies')],
    ['identity_policies', policies('identity_policies')],
    ['policies', policies('policies')],
    ...Object.keys(metadata)
      .sort(byBytes)
      .map(key => [`token_meta_${key}`, goText(metadata[key])]),
  ]
}

function wrapRows(wrap: Map): readonly Row[] {
  const accessor = wrap['wrapped_accessor'] ?? ''
  return [
    ['wrapping_token:', goText(wrap['token'])],
    ['wrapping_accessor:', goText(wrap['accessor'])],
    ['wrapping_token_ttl:', goText(humanDurationOf(wrap['ttl']))],
    ['wrapping_token_creation_time:', goTime(goText(wrap['creation_time']))],
    ['wrapping_token_creation_path:', goText(wrap['creation_path'])],
    ...(accessor === '' ? [] : [['wrapped_accessor:', goText(accessor)]]),
  ]
}

const keyValue = (rows: readonly Row[]): string | undefined => (rows.length === 0 ? undefined : tableOf(['Key', 'Value'], rows))

/** Undefined when there is nothing to show. */
export function secretTable(secret: Secret): string | undefined {
  const { auth, wrap_info: wrap, data } = secret
  return keyValue([...leaseRows(secret), ...(auth ? authRows(auth) : []), ...(wrap ? wrapRows(wrap) : []), ...(data ? dataRows(data) : [])])
}

export const mapTable = (data: Readonly<Record<string, unknown>>): string | undefined => keyValue(dataRows(data))

/** The keys of a list, with a column for each thing that the server tells about them where `detailed` asks for it. */
export function listTable(keys: readonly string[], info: Readonly<Record<string, Map>>): string {
  const shown = [...keys].sort(byBytes)
  const heads = [...new Set(shown.flatMap(key => Object.keys(info[key] ?? {})))].sort(byBytes)
  const row = (key: string): Row => {
    const facts = info[key]
    if (facts === undefined) return [key]
    return [
      key,
      ...heads.map(head =>
        Object.hasOwn(facts, head) ? goText(looksLikeDuration(head) ? humanDurationOf(facts[head]) : facts[head]) : '',
      ),
    ]
  }
  return tableOf(['Keys', ...heads], shown.map(row))
}
