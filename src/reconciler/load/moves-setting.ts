import type { Diagnostic } from '../../kernel/index.ts'
import {
  classOf,
  errorAt,
  isMountAddress,
  nodeWords,
  parseAddress,
  restOf,
  textOf,
  type Address,
  type Move,
  type SourceNode,
} from '../model/index.ts'
import { builtInMounts, readAttributes } from '../shapes/index.ts'
import { policyNameProblem } from './names.ts'
import { moveShape } from './settings-shapes.ts'

/** `moved:` of lockstep.yaml: policies and mounts that go by another name from now on. */
export function readMoves(node: SourceNode, findings: Diagnostic[]): readonly Move[] {
  if (node.is !== 'list') {
    findings.push(errorAt('LOAD0004', node.at, `moved: expected a list of { from, to }, found ${nodeWords(node)}`))
    return []
  }
  const moves = node.items.flatMap(it => readMove(it, findings))
  const twice = moves.find((it, i) => moves.findIndex(other => other.from === it.from) < i)
  if (twice !== undefined) findings.push(errorAt('LOAD0006', twice.at, `${twice.from} is moved twice`))
  return moves
}

function readMove(node: SourceNode, findings: Diagnostic[]): readonly Move[] {
  if (node.is !== 'map') {
    findings.push(errorAt('LOAD0004', node.at, `a move: expected a map with from and to, found ${nodeWords(node)}`))
    return []
  }
  const read = readAttributes(node, moveShape, 'a move')
  findings.push(...read.findings)
  if (read.value === undefined) return []
  const { values, at } = read.value
  const [from, to] = [movable(textOf(values['from'])), movable(textOf(values['to']))]
  const refuse = (key: string, why: string): readonly Move[] => {
    findings.push(errorAt('LOAD0004', at[key] ?? node.at, why))
    return []
  }
  if (from === undefined) return refuse('from', 'from: expected an address such as policy/old-name, engine/old/ or auth/old/')
  if (to === undefined) return refuse('to', 'to: expected an address such as policy/new-name, engine/new/ or auth/new/')
  if (classOf(from) !== classOf(to)) return refuse('to', `to: ${from} cannot become ${to}, which is something else`)
  if (from === to) return refuse('to', 'to: expected another address than from')
  const until = values['until'] === '' ? undefined : new Date(textOf(values['until']))
  if (until !== undefined && Number.isNaN(until.getTime())) return refuse('until', 'until: expected a day such as 2026-12-31')
  if (until !== undefined && isMountAddress(from)) return refuse('until', 'until: only a policy can stand under two names')
  return [{ from, to, ...(until === undefined ? {} : { until }), at: at['from'] ?? node.at }]
}

/** A policy, or a mount that is not built in. */
function movable(text: string): Address | undefined {
  const address = parseAddress(text)
  if (address === undefined) return undefined
  const home = classOf(address)
  if (home === 'policy') return policyNameProblem(restOf(address)) === undefined ? address : undefined
  if ((home !== 'auth' && home !== 'engine') || !isMountAddress(address)) return undefined
  return builtInMounts[home].includes(restOf(address).slice(0, -1)) ? undefined : address
}
