import type { Diagnostic, SourceRange } from '../../kernel/index.ts'
import { errorAt, nodeWords, textOf, type SourceNode, type Values } from '../model/index.ts'
import { readAttributes } from '../shapes/index.ts'
import { windowShape } from './settings-shape.ts'
import { localTime, type Window } from './window.ts'

const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** `windows:`; each has one of deny, allow and freeze. */
export function readWindows(node: SourceNode | undefined, findings: Diagnostic[]): readonly Window[] {
  if (node === undefined) return []
  if (node.is !== 'list') {
    findings.push(errorAt('LOAD0004', node.at, `windows: expected a list, found ${nodeWords(node)}`))
    return []
  }
  return node.items.flatMap(it => readWindow(it, findings))
}

function readWindow(node: SourceNode, findings: Diagnostic[]): readonly Window[] {
  if (node.is !== 'map') {
    findings.push(errorAt('LOAD0004', node.at, `a window: expected a map, found ${nodeWords(node)}`))
    return []
  }
  const read = readAttributes(node, windowShape, 'a window')
  findings.push(...read.findings)
  if (read.value === undefined) return []
  const { values, at } = read.value
  const refuse = (where: SourceRange | undefined, why: string): readonly Window[] => {
    findings.push(errorAt('LOAD0004', where ?? node.at, why))
    return []
  }
  const kinds = (['deny', 'allow', 'freeze'] as const).filter(it => values[it] !== undefined)
  const [is] = kinds
  if (is === undefined || kinds.length > 1) return refuse(node.at, 'a window: expected one of deny, allow and freeze')
  const text = textOf(values[is])
  const reason = values['reason'] === '' ? {} : { reason: textOf(values['reason']) }
  if (is === 'freeze') {
    const [from, to] = text.split('/').map(it => new Date(it.trim()))
    if (from === undefined || to === undefined || !(from < to))
      return refuse(at['freeze'], 'freeze: expected two times in order, such as 2026-12-20T00:00:00Z/2027-01-04T06:00:00Z')
    return [{ is, from, to, ...reason }]
  }
  const times = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/.exec(text.replaceAll(' ', ''))
  if (times === null) return refuse(at[is], `${is}: expected HH:MM-HH:MM, such as 22:00-06:00`)
  const [, fromHour, fromMinute, toHour, toMinute] = times.map(Number) as [number, number, number, number, number]
  const unknown = (values['days'] as readonly string[]).find(it => !DAYS.includes(it))
  if (unknown !== undefined) return refuse(at['days'], `days: "${unknown}" is none; expected some of mon, tue, wed, thu, fri, sat, sun`)
  const timezone = textOf(values['timezone'])
  try {
    localTime(new Date(0), timezone)
  } catch {
    return refuse(at['timezone'], `timezone: "${timezone}" is none that is known; expected a name such as Europe/Berlin or UTC`)
  }
  return [{ is, days: daysOf(values), from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute, timezone, ...reason }]
}

function daysOf(values: Values): ReadonlySet<number> {
  const said = values['days'] as readonly string[]
  return new Set((said.length === 0 ? DAYS : said).map(it => DAYS.indexOf(it)))
}
