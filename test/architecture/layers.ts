import { read } from './repository.ts'

/** One row of the table of layers in docs/architecture.md. */
export interface Layer {
  /** Below src/: a folder, `folder/*` for each folder in it, or a file. */
  readonly pattern: string
  /** Patterns of the layers it may import, and whether only their types. */
  readonly mayImport: ReadonlyMap<string, 'values' | 'types'>
  readonly packages: readonly string[]
  /** Modules of Node; undefined for any. */
  readonly node: readonly string[] | undefined
}

const heading = '## Layers'

/** The document is the law and these tests its keeper, so the table is read from there and stands nowhere else. */
export function layerTable(): readonly Layer[] {
  const document = read('docs/architecture.md')
  const section = document.slice(document.indexOf(`\n${heading}\n`) + 1).split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter(line => line.startsWith('| `'))
  return rows.map(row => {
    const [pattern = '', mayImport = '', packages = '', node = ''] = row.split('|').slice(1, -1)
    return {
      pattern: ticked(pattern)[0] ?? '',
      mayImport: new Map(
        [...mayImport.matchAll(/`([^`]+)`( \(types\))?/g)].map(([, name = '', types]) => [name, types === undefined ? 'values' : 'types']),
      ),
      packages: ticked(packages),
      node: node.trim() === 'any' ? undefined : ticked(node),
    }
  })
}

function ticked(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? [])
}

/** Where a file of src/ belongs: the most exact pattern that fits, and for `folder/*` which folder it is. */
export function placeOf(path: string, layers: readonly Layer[]): { readonly layer: Layer; readonly unit: string } | undefined {
  const inside = path.replace(/^src\//, '')
  const fitting = layers.flatMap(layer => {
    const unit = unitOf(inside, layer.pattern)
    return unit === undefined ? [] : [{ layer, unit }]
  })
  return fitting.toSorted((a, b) => b.unit.length - a.unit.length)[0]
}

function unitOf(inside: string, pattern: string): string | undefined {
  if (inside === pattern) return inside
  if (!pattern.endsWith('/*')) return inside.startsWith(`${pattern}/`) ? pattern : undefined
  const host = pattern.slice(0, -1)
  const [folder, ...rest] = inside.startsWith(host) ? inside.slice(host.length).split('/') : []
  return folder === undefined || rest.length === 0 ? undefined : `${host}${folder}`
}
