import type { Diagnostic } from '../../kernel/index.ts'
import { errorAt, nodeWords, textOf, type MapNode, type SourceNode } from '../model/index.ts'
import { attribute, type Shape } from '../shapes/index.ts'
import { attributesOf, exactly } from './read-parts.ts'
import type { AccessTest } from './test.ts'

const table: Shape = {
  name: attribute.text('What must hold, in a sentence.'),
  paths: attribute.list('The columns: a path each.'),
}

/** One row a holder, one column a path; a cell has the operations that are allowed there, and no others. Each row is a test. */
export function readTable(map: MapNode, findings: Diagnostic[]): readonly AccessTest[] {
  const rows = map.entries.find(it => it.key === 'rows')
  const read = attributesOf(map, table, ['rows'], 'a table', findings)
  if (read === undefined) return []
  const paths = read.values['paths'] as readonly string[]
  if (paths.length === 0) findings.push(errorAt('LOAD0005', map.at, 'a table needs paths, its columns'))
  if (rows?.value.is !== 'map') {
    findings.push(errorAt('LOAD0005', rows?.value.at ?? map.at, 'a table needs rows: a map of holders, each with a list of cells'))
    return []
  }
  const name = textOf(read.values['name'])
  return rows.value.entries.map(({ key, keyAt, value }): AccessTest => {
    const cells = cellsOf(key, value, paths.length, findings)
    const expectations = cells.flatMap(({ words, at }, i) => exactly(paths[i] ?? '', words, at, at, findings))
    return {
      name: `${name}: ${key}`,
      at: keyAt,
      body: { is: 'of', subject: { holders: [{ said: key, at: keyAt }], policies: [] }, expectations },
    }
  })
}

interface Cell {
  readonly words: readonly string[]
  readonly at: SourceNode['at']
}

function cellsOf(key: string, node: SourceNode, columns: number, findings: Diagnostic[]): readonly Cell[] {
  if (node.is !== 'list' || node.items.length !== columns) {
    const found = node.is === 'list' ? `${node.items.length}` : nodeWords(node)
    findings.push(errorAt('LOAD0004', node.at, `${key}: expected a list of ${columns} cells, one for each path, found ${found}`))
    return []
  }
  return node.items.flatMap((item): readonly Cell[] => {
    const texts = item.is === 'list' ? item.items : [item]
    const said = texts.flatMap(it => (it.is === 'scalar' && typeof it.value === 'string' ? it.value.split(/[\s,]+/) : []))
    if (item.is === 'map' || said.length < texts.length) {
      findings.push(errorAt('LOAD0004', item.at, `${key}: expected operations such as "read, list", or "-" for none`))
      return []
    }
    return [{ words: said.filter(it => it !== '' && it !== '-'), at: item.at }]
  })
}
