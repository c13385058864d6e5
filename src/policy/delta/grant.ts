import type { Capability } from '../../hcl/policy/index.ts'
import { capabilityBit } from '../capability.ts'
import type { MergedRule } from '../rule.ts'
import { includesSpace, isEverything, type ParameterSpace, parameterSpace, spaceKey, spaceTexts } from './parameter-space.ts'
import type { Question } from './question.ts'

export type Granted = Exclude<Capability, 'deny'>

/** How a rule gives one capability, in one form for each meaning. */
export interface Grant {
  /** Equal for two grants if and only if the same requests are allowed, with the same answer. */
  readonly key: string
  /** The answer must be wrapped, for so many seconds. */
  readonly wrapping?: { readonly min: number; readonly max: number }
  readonly parameters?: ParameterSpace
  /** Entries of a page, and whether the caller has to say how many it wants. */
  readonly page?: { readonly limit: number; readonly mustAsk: boolean }
  readonly listFilter?: string
  /** The approvals that are needed, as JSON. */
  readonly control?: string
}

export type Grants = Readonly<Partial<Record<Granted, Grant>>>

const ASKED: Readonly<Record<Question, readonly Granted[]>> = {
  plain: ['create', 'read', 'update', 'patch', 'delete'],
  listing: ['list', 'scan'],
}
/** In the order in which policies are mostly written. */
export const grantedOrder: readonly Granted[] = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan', 'sudo']

const NOTHING: Grants = {}
const PLAIN_SUDO: Grant = { key: 'sudo' }

/** What the rule lets pass of the requests of one question. `sudo` only counts beside a capability that can be used. */
export function grantsOf(rule: MergedRule | undefined, question: Question): Grants {
  if (rule === undefined) return NOTHING
  const wrapping = wrappingOf(rule)
  if (wrapping === 'impossible') return NOTHING
  const grants: Partial<Record<Granted, Grant>> = {}
  for (const capability of ASKED[question]) {
    if ((rule.capabilities & capabilityBit(capability)) === 0) continue
    const grant = grantOf(rule, capability, wrapping)
    if (grant !== undefined) grants[capability] = grant
  }
  if ((rule.capabilities & capabilityBit('sudo')) !== 0 && Object.keys(grants).length > 0) grants.sudo = PLAIN_SUDO
  return grants
}

type Wrapping = Grant['wrapping']

/** A negative value is no limit by itself, and yet the two may contradict each other. */
function wrappingOf({ minWrappingTtl: shortest, maxWrappingTtl: longest }: MergedRule): Wrapping | 'impossible' {
  if (shortest !== 0 && longest !== 0 && longest < shortest) return 'impossible'
  const [min, max] = [Math.max(0, shortest), longest > 0 ? longest : Number.POSITIVE_INFINITY]
  return min === 0 && max === Number.POSITIVE_INFINITY ? undefined : { min, max }
}

function grantOf(rule: MergedRule, capability: Granted, wrapping: Wrapping): Grant | undefined {
  const isList = capability === 'list' || capability === 'scan'
  const parameters = isList || capability === 'delete' ? undefined : parameterSpace(rule, { fromQuery: capability === 'read' })
  if (parameters === undefined && !isList && capability !== 'delete') return undefined
  const page =
    isList && rule.paginationLimit > 0 ? { limit: rule.paginationLimit, mustAsk: rule.requiredParameters.includes('limit') } : undefined
  const listFilter = isList && rule.listFilterTemplate !== '' ? rule.listFilterTemplate : undefined
  const control = controlOf(rule, capability)
  const grant = {
    ...(wrapping === undefined ? {} : { wrapping }),
    ...(parameters === undefined || isEverything(parameters) ? {} : { parameters }),
    ...(page === undefined ? {} : { page }),
    ...(listFilter === undefined ? {} : { listFilter }),
    ...(control === undefined ? {} : { control }),
  }
  return { key: keyOf(grant), ...grant }
}

function controlOf({ controlGroup }: MergedRule, capability: Granted): string | undefined {
  if (controlGroup === undefined) return undefined
  return controlGroup.factors.some(it => it.controlledCapabilities.includes(capability)) ? JSON.stringify(controlGroup) : undefined
}

const keyOf = ({ wrapping, parameters, page, listFilter, control }: Omit<Grant, 'key'>): string =>
  JSON.stringify([
    wrapping === undefined ? null : [wrapping.min, String(wrapping.max)],
    parameters === undefined ? null : spaceKey(parameters),
    page === undefined ? null : [page.limit, page.mustAsk],
    listFilter ?? null,
    control ?? null,
  ])

/** All that a rule grants, in one text: two rules of this text decide alike wherever both answer. */
export function meaningOf(rule: MergedRule): string {
  const parts = (['plain', 'listing'] as const).flatMap(question =>
    Object.entries(grantsOf(rule, question)).map(([name, grant]) => `${name} ${grant.key}`),
  )
  return parts.join('\n')
}

/** Whether `wide` surely allows all that `narrow` does. */
export function includesGrant(wide: Grant, narrow: Grant): boolean {
  if (wide.wrapping !== undefined) {
    const { wrapping } = narrow
    if (wrapping === undefined || wrapping.min < wide.wrapping.min || wrapping.max > wide.wrapping.max) return false
  }
  if (wide.parameters !== undefined && (narrow.parameters === undefined || !includesSpace(wide.parameters, narrow.parameters))) return false
  if (wide.page !== undefined) {
    const { page } = narrow
    if (page === undefined || page.limit > wide.page.limit || (wide.page.mustAsk && !page.mustAsk)) return false
  }
  if (wide.listFilter !== undefined && wide.listFilter !== narrow.listFilter) return false
  return wide.control === undefined || wide.control === narrow.control
}

/** The limits of a grant, for people. */
export function limitTexts({ wrapping, parameters, page, listFilter, control }: Grant): readonly string[] {
  return [
    ...(wrapping === undefined ? [] : [wrappingText(wrapping)]),
    ...(parameters === undefined ? [] : spaceTexts(parameters)),
    ...(page === undefined ? [] : [`at most ${page.limit} entries a page${page.mustAsk ? ', and limit must be sent' : ''}`]),
    ...(listFilter === undefined ? [] : [`entries filtered by ${JSON.stringify(listFilter)}`]),
    ...(control === undefined ? [] : ['only with the approvals of a control group']),
  ]
}

function wrappingText({ min, max }: NonNullable<Wrapping>): string {
  if (max === Number.POSITIVE_INFINITY) return `wrapped for ${min}s or longer`
  return min === 0 ? `wrapped for ${max}s at most` : `wrapped for ${min}s to ${max}s`
}
