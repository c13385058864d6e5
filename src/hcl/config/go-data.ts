import { BOOL, FLOAT, NUMBER } from '../lex/index.ts'
import { parseFloat64, parseInteger } from '../policy/go-number.ts'
import { stringValue, tokenText, type HclTree, type Item, type Literal, type Value } from '../parse/index.ts'

/**
 * Data as the field's servers see it when they decode HCL1 into a bare map: every object is a list of maps, a repeated object
 * is one more map of that list, of a repeated plain value the last one counts.
 */
export type GoData = string | boolean | GoInt | GoFloat | GoList | GoMaps
export interface GoInt {
  readonly go: 'int'
  readonly value: number
}
export interface GoFloat {
  readonly go: 'float64'
  readonly value: number
}
export interface GoList {
  readonly go: '[]interface {}'
  readonly items: readonly GoData[]
}
export interface GoMaps {
  readonly go: '[]map[string]interface {}'
  readonly items: readonly GoMap[]
}
export type GoMap = ReadonlyMap<string, GoData>

/** The whole text as one map. */
export const goData = (tree: HclTree): GoMap => mapOf(tree, tree.items)

function mapOf(tree: HclTree, items: readonly Item[]): GoMap {
  const map = new Map<string, GoData>()
  for (const { keys, value } of items) {
    const [first = '', ...labels] = keys.map(it => stringValue(tree, it) ?? '')
    const inner = labels.reduceRight<GoData>((it, label) => maps([new Map([[label, it]])]), dataOf(tree, value))
    const before = map.get(first)
    const more = isMaps(before) && isMaps(inner)
    map.set(first, more ? maps([...before.items, ...inner.items]) : inner)
  }
  return map
}

const maps = (items: readonly GoMap[]): GoMaps => ({ go: '[]map[string]interface {}', items })
const isMaps = (it: GoData | undefined): it is GoMaps => typeof it === 'object' && it.go === '[]map[string]interface {}'

function dataOf(tree: HclTree, value: Value): GoData {
  if (value.kind === 'object') return maps([mapOf(tree, value.items)])
  if (value.kind === 'literal') return literalOf(tree, value)
  const items = value.elements.map(it => dataOf(tree, it))
  return items.length > 0 && items.every(isMaps) ? maps(items.flatMap(it => it.items)) : { go: '[]interface {}', items }
}

function literalOf(tree: HclTree, { token }: Literal): GoData {
  switch (tree.tokens.kind(token)) {
    case BOOL:
      return tokenText(tree, token) === 'true'
    case NUMBER: {
      const read = parseInteger(tokenText(tree, token))
      return { go: 'int', value: 'value' in read ? Number(read.value) : 0 }
    }
    case FLOAT: {
      const read = parseFloat64(tokenText(tree, token))
      return { go: 'float64', value: 'value' in read ? read.value : 0 }
    }
    default:
      return stringValue(tree, token) ?? ''
  }
}

/** The name of its type in the servers' messages. */
export function goTypeOf(data: GoData): string {
  if (typeof data === 'string') return 'string'
  return typeof data === 'boolean' ? 'bool' : data.go
}
