import type { Json } from '../../kernel/index.ts'
import type { ConfigNode, ConfigValue } from './config-node.ts'

/** The data alone. Blocks are lists of objects under their name, labels nested as keys: `a "b" {…}` is `{"a": [{"b": {…}}]}`. */
export function plainConfig(body: ConfigNode): { [key: string]: Json } {
  const plain: { [key: string]: Json } = Object.create(null)
  for (const entry of body.entries) {
    if (entry.kind === 'attribute') plain[entry.name] = plainValue(entry.value)
    else {
      const value = entry.labels.reduceRight<Json>((inner, label) => ({ [label.text]: inner }), plainConfig(entry.body))
      const before = plain[entry.name]
      plain[entry.name] = Array.isArray(before) ? [...(before as readonly Json[]), value] : [value]
    }
  }
  return plain
}

export function plainValue(value: ConfigValue): Json {
  switch (value.kind) {
    case 'null':
      return null
    case 'list':
      return value.elements.map(plainValue)
    case 'object':
      return plainConfig(value.body)
    default:
      return value.value
  }
}
