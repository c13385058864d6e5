import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createContext, Script } from 'node:vm'
import type { Json } from '../../kernel/index.ts'

interface Exports {
  /** A text of JSON, and an error that tells nothing but that there is one. */
  parseToString?(text: string): readonly [string, unknown]
}

let parser: Required<Exports> | undefined

/**
 * What HCL2 makes of a text, by the parser of its own makers; undefined where it is none. Expressions are kept as texts, `${…}`.
 *
 * The package is 3.8 MB of compiled Go, so it is loaded when the first such file is met. It sets a global `require` and lifts the
 * limit of stack traces for the whole process; in a context of its own it does so to nobody.
 */
export function parseHcl2(text: string): Json | undefined {
  parser ??= load()
  const [json, error] = parser.parseToString(text)
  return error === null && json !== '' ? (JSON.parse(json) as Json) : undefined
}

function load(): Required<Exports> {
  const file = fileURLToPath(import.meta.resolve('hcl2-parser'))
  const module: { exports: Exports } = { exports: {} }
  const context = createContext({ module, exports: module.exports, require: () => ({}), setTimeout, clearTimeout })
  new Script(`var global = globalThis;\n${readFileSync(file, 'utf8')}`, { filename: file }).runInContext(context)
  const { parseToString } = module.exports
  if (parseToString === undefined) throw new Error('hcl2-parser does not offer parseToString')
  return { parseToString: text => parseToString(text) }
}
