import { stableJson, type Graph, type GraphNodeKind } from '../model/index.ts'
import { harmlessLine } from './paint.ts'

/** Mermaid's flowchart, which GitHub and GitLab draw in Markdown. */
export function mermaidGraph({ nodes, edges }: Graph): string {
  const ids = new Map(nodes.map(({ id }, i) => [id, `n${i}`]))
  const shapes: Readonly<Record<GraphNodeKind, readonly [string, string]>> = { holder: ['(', ')'], policy: ['[', ']'], mount: ['[(', ')]'] }
  const lines = [
    ...nodes.map(({ id, kind }) => `  ${ids.get(id) ?? ''}${shapes[kind][0]}"${mermaidText(id)}"${shapes[kind][1]}`),
    ...edges.map(
      ({ from, to, how }) => `  ${ids.get(from) ?? ''} ${how === 'lives' ? '---' : how === 'holds' ? '-->' : '-.->'} ${ids.get(to) ?? ''}`,
    ),
  ]
  return `flowchart LR\n${lines.join('\n')}\n`
}

/** Quotes, brackets and the like have a meaning in Mermaid, within quotes too. */
const mermaidText = (text: string): string => harmlessLine(text).replace(/["#&;<>`|\\]/g, it => `#${it.charCodeAt(0)};`)

/** Graphviz. */
export function dotGraph({ nodes, edges }: Graph): string {
  const shapes: Readonly<Record<GraphNodeKind, string>> = { holder: 'oval', policy: 'box', mount: 'cylinder' }
  const styles: Readonly<Record<Graph['edges'][number]['how'], string>> = {
    lives: 'dir=none',
    holds: 'style=solid',
    reaches: 'style=dashed',
  }
  const lines = [
    ...nodes.map(({ id, kind }) => `  ${dotText(id)} [shape=${shapes[kind]}]`),
    ...edges.map(({ from, to, how }) => `  ${dotText(from)} -> ${dotText(to)} [${styles[how]}]`),
  ]
  return `digraph lockstep {\n  rankdir=LR\n${lines.join('\n')}\n}\n`
}

const dotText = (text: string): string => `"${harmlessLine(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`

export const graphJson = ({ nodes, edges }: Graph): string =>
  `${stableJson({ format_version: '1.0', nodes: nodes.map(it => ({ ...it })), edges: edges.map(it => ({ ...it })) }, 2)}\n`
