import type { Checked, Diagnostic, SourceFile } from '../../kernel/index.ts'
import {
  addressMatcher,
  defaultSettings,
  errorAt,
  finding,
  hasErrors,
  nodeWords,
  type Cap,
  type IgnoreRule,
  type LimitSettings,
  type LintSettings,
  type MapEntry,
  type MapNode,
  type OwnershipSettings,
  type Settings,
  type SourceNode,
  type TargetSettings,
  textOf,
} from '../model/index.ts'
import { readAttributes, unknownKey, type ReadAttributes } from '../shapes/index.ts'
import { capShape, ignoreShape, ownershipShape, targetShape } from './settings-shapes.ts'
import { readLogin } from './login-setting.ts'
import { readMoves } from './moves-setting.ts'
import { readYaml } from './yaml.ts'

const KEYS = ['version', 'targets', 'ownership', 'limits', 'ignore', 'lint', 'moved']

/** lockstep.yaml. `now` decides which ignore rules still hold. */
export function readSettings(file: SourceFile, now: Date): Checked<Settings> {
  const yaml = readYaml(file)
  if (yaml.value === undefined) return { findings: yaml.findings }
  const findings: Diagnostic[] = []
  const root = asMap(yaml.value, 'the settings', findings)
  let settings = defaultSettings
  for (const entry of root?.entries ?? []) {
    if (entry.key.startsWith('x-')) continue
    if (!KEYS.includes(entry.key)) findings.push(unknownKey(entry, KEYS, 'lockstep.yaml'))
    else settings = { ...settings, ...readPart(entry, settings, now, findings) }
  }
  return hasErrors(findings) ? { findings } : { value: settings, findings }
}

function readPart(entry: MapEntry, settings: Settings, now: Date, findings: Diagnostic[]): Partial<Settings> {
  const { key, value } = entry
  if (key === 'version') {
    if (value.is !== 'scalar' || value.value !== 1) findings.push(errorAt('LOAD0004', value.at, 'version: expected 1'))
    return {}
  }
  if (key === 'ignore') return { ignore: readIgnore(value, now, findings) }
  if (key === 'moved') return { moved: readMoves(value, findings) }
  const map = asMap(value, key, findings)
  if (map === undefined) return {}
  if (key === 'targets') return { targets: new Map(map.entries.flatMap(it => readTarget(it, findings))) }
  if (key === 'ownership') return { ownership: readOwnership(map, settings.ownership, findings) }
  if (key === 'lint') return { lint: readLint(map, settings.lint, findings) }
  return { limits: readLimits(map, settings.limits, findings) }
}

function asMap(node: SourceNode, what: string, findings: Diagnostic[]): MapNode | undefined {
  if (node.is === 'map') return node
  findings.push(errorAt('LOAD0004', node.at, `${what}: expected a map, found ${nodeWords(node)}`))
  return undefined
}

function attributesOf(
  node: SourceNode,
  shape: Parameters<typeof readAttributes>[1],
  what: string,
  findings: Diagnostic[],
): ReadAttributes | undefined {
  const map = asMap(node, what, findings)
  if (map === undefined) return undefined
  const read = readAttributes(map, shape, what)
  findings.push(...read.findings)
  return read.value
}

const NAME = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/

function readTarget(entry: MapEntry, findings: Diagnostic[]): [string, TargetSettings][] {
  const { key: name, keyAt, value } = entry
  if (!NAME.test(name))
    findings.push(errorAt('LOAD0007', keyAt, `"${name}" cannot be the name of a target: use a-z, 0-9, with . _ - inside`))
  const own = value.is === 'map' ? { ...value, entries: value.entries.filter(it => it.key !== 'login') } : value
  const read = attributesOf(own, targetShape, `the target ${name}`, findings)
  const login = value.is === 'map' ? value.entries.find(it => it.key === 'login') : undefined
  if (read === undefined) return []
  const { values, references, at } = read
  const refuse = (key: string, why: string): void => void findings.push(errorAt('LOAD0004', at[key] ?? keyAt, why))
  const address = textOf(values['address'])
  if (address === '') refuse('address', 'a target needs an address')
  else if (!/^(https?|unix):\/\/./.test(address))
    refuse('address', 'address: expected http://, https:// or unix:// and where the server listens')
  else if (/^https?:\/\/[^/]*@/.test(address)) refuse('address', 'address: a user name or password has no place here')
  if (at['token'] !== undefined && references['token'] === undefined)
    refuse('token', 'token: a token is never written into a file; name it as { $env: NAME }')
  for (const key of Object.keys(references)) if (key !== 'token') refuse(key, `${key}: expected text; only the token is given by reference`)
  const target: TargetSettings = {
    name,
    address,
    ...(values['namespace'] === '' ? {} : { namespace: textOf(values['namespace']) }),
    ...(values['ca_cert'] === '' ? {} : { caCert: textOf(values['ca_cert']) }),
    ...(references['token'] === undefined ? {} : { token: references['token'] }),
    ...(login === undefined ? {} : readLogin(login.value, findings)),
    at: keyAt,
  }
  if (target.login !== undefined && target.token !== undefined) refuse('token', 'token: a target has a token or a login, not both')
  return [[name, target]]
}

function readOwnership(map: MapNode, before: OwnershipSettings, findings: Diagnostic[]): OwnershipSettings {
  const read = attributesOf(map, ownershipShape, 'ownership', findings)
  if (read === undefined) return before
  const owner = textOf(read.values['owner'])
  const named = read.at['owner'] !== undefined
  if (named && (!NAME.test(owner) || owner.length > 64)) {
    findings.push(errorAt('LOAD0007', read.at['owner'], 'owner: expected at most 64 of a-z, 0-9, with . _ - inside'))
  }
  for (const key of Object.keys(read.references)) {
    if (key !== 'ledger_key')
      findings.push(errorAt('LOAD0004', read.at[key], `${key}: expected text; only the ledger_key is given by reference`))
  }
  const ledgerKey = read.references['ledger_key']
  return {
    owner: named ? owner : before.owner,
    named,
    adopted: read.values['adopted'] === 'delete' ? 'delete' : 'keep',
    ...(ledgerKey === undefined ? {} : { ledgerKey }),
  }
}

function readLimits(map: MapNode, before: LimitSettings, findings: Diagnostic[]): LimitSettings {
  const limits: { deletes: Cap; updates: Cap } = { ...before }
  for (const entry of map.entries) {
    if (entry.key !== 'deletes' && entry.key !== 'updates') {
      findings.push(unknownKey(entry, ['deletes', 'updates'], 'limits'))
      continue
    }
    const read = attributesOf(entry.value, capShape, `limits.${entry.key}`, findings)
    if (read === undefined) continue
    const percent = Number(read.values['percent'] ?? before[entry.key].percent)
    if (percent > 100) findings.push(errorAt('LOAD0004', read.at['percent'], 'percent: expected 0 to 100'))
    limits[entry.key] = { count: Number(read.values['count'] ?? before[entry.key].count), percent }
  }
  return limits
}

const LEVELS = ['off', 'note', 'warning', 'error'] as const

/** Which rules there are is the linter's business: it says so if one is unknown. */
function readLint(map: MapNode, before: LintSettings, findings: Diagnostic[]): LintSettings {
  const rules = new Map(before.rules)
  for (const entry of map.entries) {
    if (entry.key !== 'rules') {
      findings.push(unknownKey(entry, ['rules'], 'lint'))
      continue
    }
    for (const { key, keyAt, value } of asMap(entry.value, 'lint.rules', findings)?.entries ?? []) {
      const said = value.is === 'scalar' ? value.value : undefined
      const level = LEVELS.find(it => it === said)
      if (level !== undefined) rules.set(key, { level, at: keyAt })
      else findings.push(errorAt('LOAD0004', value.at, `${key}: expected one of ${LEVELS.join(', ')}`))
    }
  }
  return { rules }
}

function readIgnore(node: SourceNode, now: Date, findings: Diagnostic[]): readonly IgnoreRule[] {
  if (node.is !== 'list') {
    findings.push(errorAt('LOAD0004', node.at, `ignore: expected a list, found ${nodeWords(node)}`))
    return []
  }
  return node.items.flatMap(item => {
    const map: SourceNode =
      item.is === 'scalar' ? { is: 'map', entries: [{ key: 'address', keyAt: item.at, value: item }], at: item.at } : item
    const read = attributesOf(map, ignoreShape, 'an ignore rule', findings)
    if (read === undefined) return []
    return readRule(read, map, now, findings)
  })
}

function readRule({ values, at }: ReadAttributes, node: SourceNode, now: Date, findings: Diagnostic[]): IgnoreRule[] {
  const pattern = textOf(values['address'])
  if (!/^(policy|auth|engine|sys|identity|api)\/./.test(pattern)) {
    findings.push(
      errorAt('LOAD0004', at['address'] ?? node.at, 'an ignore rule needs an address such as policy/legacy-* or engine/scratch/'),
    )
    return []
  }
  const until = values['until'] === '' ? undefined : new Date(textOf(values['until']))
  if (until !== undefined && Number.isNaN(until.getTime())) {
    findings.push(errorAt('LOAD0004', at['until'], 'until: expected a day such as 2026-12-31'))
    return []
  }
  if (until !== undefined && until <= now) {
    findings.push(finding('warning', 'LOAD0014', `the ignore rule for ${pattern} has run out and does not count`, { at: at['until'] }))
    return []
  }
  const attributes = values['attributes'] as readonly string[]
  return [
    {
      pattern,
      matches: addressMatcher(pattern),
      ...(attributes.length === 0 ? {} : { attributes }),
      ...(values['reason'] === '' ? {} : { reason: textOf(values['reason']) }),
      ...(until === undefined ? {} : { until }),
      at: at['address'] ?? node.at,
    },
  ]
}
