import type { HclTree } from '../../../hcl/index.ts'
import { attributeOf, elementsOf, keyText, type Element, type RuleView } from '../view/index.ts'

export interface ParameterItem {
  readonly tree: HclTree
  /** `allowed_parameters` or `denied_parameters`. */
  readonly list: string
  readonly name: string
  /** The token of the name. */
  readonly token: number
  readonly values: readonly Element[]
}

export const hasNoParameters = ({ rule }: RuleView): boolean => rule.allowedParameters === undefined && rule.deniedParameters === undefined

/** What a rule says of parameters, name by name. */
export function parametersOf(rule: RuleView, ...lists: readonly string[]): readonly ParameterItem[] {
  if (hasNoParameters(rule)) return []
  return lists.flatMap(list => {
    const value = attributeOf(rule, list)?.value
    if (value?.kind !== 'object') return []
    return value.items.map(item => {
      const token = item.keys[0] as number
      return { tree: rule.tree, list, name: keyText(rule.tree, token), token, values: elementsOf(rule.tree, item) }
    })
  })
}

/** A policy with one rule that limits a parameter. */
export const withParameter = (path: string, list: string, line: string): string =>
  `path "${path}" {\n  capabilities = ["create", "update", "patch"]\n  ${list} = {\n    ${line}\n  }\n}\n`
