import type { MergedRule } from '../rule.ts'
import { anyValue, includesValues, isNoValue, noValue, valueSet, valueSetText, type ValueSet } from './value-set.ts'

/** Which parameters a request may and must bring, in one form for each meaning. */
export interface ParameterSpace {
  /** Sorted. Each of them can be sent. */
  readonly required: readonly string[]
  /** Where the answer is not that of all others; sorted by name. */
  readonly named: ReadonlyMap<string, ValueSet>
  readonly others: 'any' | 'none'
}

const everything: ParameterSpace = { required: [], named: new Map(), others: 'any' }
export const isEverything = (it: ParameterSpace): boolean => it.required.length === 0 && it.named.size === 0 && it.others === 'any'

/** Undefined: no request can satisfy it. */
export function parameterSpace(rule: MergedRule, { fromQuery }: { readonly fromQuery: boolean }): ParameterSpace | undefined {
  const { allowedParameters: allowed, deniedParameters: denied } = rule
  const allowsAll = allowed === undefined || allowed.size === 0 || (allowed.size === 1 && allowed.has('*'))
  if (rule.requiredParameters.length === 0 && allowsAll && (denied === undefined || denied.size === 0)) return everything
  const deniesAll = denied?.has('*') === true
  const others = !deniesAll && (allowsAll || allowed.has('*')) ? 'any' : 'none'
  const ofName = (name: string): ValueSet => {
    if (deniesAll) return noValue
    const permitted = allowsAll ? [] : (allowed.get(name) ?? (allowed.has('*') ? [] : undefined))
    return valueSet(permitted, denied?.get(name), { fromQuery })
  }
  const required = [...new Set(rule.requiredParameters)].sort()
  if (required.some(name => isNoValue(ofName(name)))) return undefined
  const names = [...new Set([...(allowed?.keys() ?? []), ...(denied?.keys() ?? [])])].filter(it => it !== '*').sort()
  const usual = JSON.stringify(others === 'any' ? anyValue : noValue)
  const named = new Map(names.map(name => [name, ofName(name)] as const).filter(([, it]) => JSON.stringify(it) !== usual))
  return { required, named, others }
}

export const spaceKey = ({ required, named, others }: ParameterSpace): string => JSON.stringify([required, [...named], others])

/** Whether `wide` surely lets pass all that `narrow` does. */
export function includesSpace(wide: ParameterSpace, narrow: ParameterSpace): boolean {
  if (!wide.required.every(it => narrow.required.includes(it))) return false
  if (narrow.others === 'any' && wide.others === 'none') return false
  const names = new Set([...wide.named.keys(), ...narrow.named.keys()])
  return [...names].every(name => includesValues(valuesOf(wide, name), valuesOf(narrow, name)))
}

const valuesOf = ({ named, others }: ParameterSpace, name: string): ValueSet => named.get(name) ?? (others === 'any' ? anyValue : noValue)

export function spaceTexts({ required, named, others }: ParameterSpace): readonly string[] {
  const one = (name: string, values: ValueSet): string =>
    values.among === 'any' && values.except.length === 0 ? name : `${name} = ${valueSetText(values)}`
  const list = [...named].map(([name, values]) => one(name, values))
  return [
    ...(required.length === 0 ? [] : [`must send ${required.join(', ')}`]),
    ...(others === 'none'
      ? [list.length === 0 ? 'may send no parameter' : `may send only ${list.join('; ')}`]
      : list.length === 0
        ? []
        : [`may send ${list.join('; ')}`]),
  ]
}
