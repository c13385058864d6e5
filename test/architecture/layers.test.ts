import { builtinModules } from 'node:module'
import { describe, expect, it } from 'vitest'
import { importsOf, packageOf, type Import } from './imports.ts'
import { layerTable, placeOf } from './layers.ts'
import { read, under } from './repository.ts'

const layers = layerTable()
const sources = under('src')
const imports = sources.flatMap(importsOf)

const show = ({ from, line, to }: Import): string => `${from}:${line} imports ${to}`

describe('the table of layers in docs/architecture.md', () => {
  it('is found', () => {
    expect(layers.length).toBeGreaterThan(10)
  })

  it('has a place for every source file', () => {
    expect(sources.filter(path => placeOf(path, layers) === undefined)).toEqual([])
  })

  it('names only layers that stand in it', () => {
    const known = new Set(layers.map(({ pattern }) => pattern))
    const strangers = layers.flatMap(({ pattern, mayImport }) =>
      [...mayImport.keys()].filter(name => !known.has(name)).map(name => `${pattern} → ${name}`),
    )
    expect(strangers).toEqual([])
  })

  it('has no way round: no layer reaches itself over others', () => {
    const next = new Map(layers.map(({ pattern, mayImport }) => [pattern, [...mayImport.keys()].filter(name => name !== pattern)]))
    const reaches = (from: string, goal: string, seen: ReadonlySet<string>): boolean =>
      (next.get(from) ?? []).some(name => name === goal || (!seen.has(name) && reaches(name, goal, new Set([...seen, name]))))
    expect(layers.map(({ pattern }) => pattern).filter(name => reaches(name, name, new Set()))).toEqual([])
  })
})

describe('imports', () => {
  const between = imports.flatMap(found => {
    if (!found.isOurs) return []
    const [from, to] = [placeOf(found.from, layers), placeOf(found.to, layers)]
    return from === undefined || to === undefined || from.unit === to.unit ? [] : [{ found, from, to }]
  })

  it('stay within what the table allows', () => {
    const broken = between.filter(({ found, from, to }) => {
      const allowed = from.layer.mayImport.get(to.layer.pattern)
      return allowed === undefined || (allowed === 'types' && !found.isTypeOnly)
    })
    expect(
      broken.map(
        ({ found, from, to }) => `${show(found)} (${from.layer.pattern} → ${to.layer.pattern}${found.isTypeOnly ? ', types only' : ''})`,
      ),
    ).toEqual([])
  })

  it('enter another layer by its face', () => {
    const past = between.filter(({ found, to }) => !found.to.endsWith('/index.ts') && found.to !== `src/${to.unit}`)
    expect(past.map(({ found }) => show(found))).toEqual([])
  })

  it('never join reconciler and server', () => {
    const sides = ['src/reconciler/', 'src/server/'] as const
    const joined = imports.filter(
      ({ from, to }) => sides.some(side => from.startsWith(side)) && sides.some(side => to.startsWith(side) && !from.startsWith(side)),
    )
    expect(joined.map(show)).toEqual([])
  })

  it('point at files that exist', () => {
    const known = new Set(sources)
    expect(imports.filter(({ isOurs, to }) => isOurs && !known.has(to)).map(show)).toEqual([])
  })
})

describe('third-party packages', () => {
  const foreign = imports.filter(({ isOurs, to }) => !isOurs && !to.startsWith('node:'))

  it('are imported only by the layer that the table gives them to', () => {
    const strays = foreign.filter(({ from, to }) => !placeOf(from, layers)?.layer.packages.includes(packageOf(to)))
    expect(strays.map(show)).toEqual([])
  })

  it('have one importing folder each', () => {
    const importers = Map.groupBy(foreign, ({ to }) => packageOf(to))
    const folders = [...importers].map(
      ([name, found]) => [name, [...new Set(found.map(({ from }) => placeOf(from, layers)?.unit))]] as const,
    )
    expect(folders.filter(([, units]) => units.length !== 1)).toEqual([])
  })

  it('stand under dependencies, not under devDependencies', () => {
    const { dependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<string, Record<string, string> | undefined>
    const shipped = { ...dependencies, ...optionalDependencies }
    expect(foreign.filter(({ to, isTypeOnly }) => !isTypeOnly && !(packageOf(to) in shipped)).map(show)).toEqual([])
  })
})

describe("Node's own modules", () => {
  it('are written with node:', () => {
    expect(imports.filter(({ to }) => builtinModules.includes(to)).map(show)).toEqual([])
  })

  it('are used only where the table allows them', () => {
    const broken = imports.filter(({ from, to, isTypeOnly }) => {
      const allowed = placeOf(from, layers)?.layer.node
      return to.startsWith('node:') && !isTypeOnly && allowed !== undefined && !allowed.includes(to.slice('node:'.length))
    })
    expect(broken.map(show)).toEqual([])
  })
})
