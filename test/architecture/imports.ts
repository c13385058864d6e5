import { dirname, join } from 'node:path'
import { parseSync } from 'oxc-parser'
import { read } from './repository.ts'

export interface Import {
  readonly from: string
  /** A path from the repository's root for a file of ours; else as written (`node:fs`, `ajv`). */
  readonly to: string
  readonly isOurs: boolean
  /** Whether it is gone when types are stripped. */
  readonly isTypeOnly: boolean
  readonly line: number
}

/** Every import and re-export of one file, static or by `import('…')` with a literal. */
export function importsOf(path: string): readonly Import[] {
  const source = read(path)
  const { module, errors } = parseSync(path, source)
  if (errors.length > 0) throw new Error(`${path} does not parse: ${errors[0]?.message}`)
  const found = (specifier: string, isTypeOnly: boolean, start: number): Import => {
    const isOurs = specifier.startsWith('.')
    const to = isOurs ? join(dirname(path), specifier) : specifier
    return { from: path, to, isOurs, isTypeOnly, line: source.slice(0, start).split('\n').length }
  }
  const statics = module.staticImports.map(({ moduleRequest, entries, start }) =>
    found(moduleRequest.value, entries.length > 0 && entries.every(({ isType }) => isType), start),
  )
  const reExports = module.staticExports.flatMap(({ entries, start }) => {
    const requests = Map.groupBy(
      entries.filter(({ moduleRequest }) => moduleRequest !== null),
      ({ moduleRequest }) => moduleRequest?.value ?? '',
    )
    return [...requests].map(([specifier, of]) =>
      found(
        specifier,
        of.every(({ isType }) => isType),
        start,
      ),
    )
  })
  const dynamics = module.dynamicImports.flatMap(({ moduleRequest, start }) => {
    const literal = /^(['"`])(.*)\1$/.exec(source.slice(moduleRequest.start, moduleRequest.end))?.[2]
    return literal === undefined ? [] : [found(literal, false, start)]
  })
  return [...statics, ...reExports, ...dynamics]
}

/** `ajv/dist/core.js` → `ajv`, `@octokit/rest` → `@octokit/rest`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
}
