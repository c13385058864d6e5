import { parseTextTemplate, runTextTemplate, type Template, type TemplatePorts } from '../kernel/index.ts'
import type { AccessQuery } from './decision.ts'

/** A list that was allowed with a filter, and what it found. */
export interface FilteredList {
  readonly template: string
  /** Of the request, without its namespace and with its final slash. */
  readonly path: string
  /** Path of the request's namespace. */
  readonly namespace: string
  readonly keys: readonly string[]
}

export interface FilterPorts extends TemplatePorts {
  /** Does the path, without its namespace, ask for `sudo`? */
  readonly asksForSudo: (path: string) => boolean
}

/** What would be asked for each key: may the token read it, or list it if it is a folder? Nothing is sent with it. */
export function filterQuery({ template, path, namespace }: FilteredList, key: string, ports: FilterPorts): AccessQuery {
  const shown = runTextTemplate(parsed(template), { path, key }, ports)
  return { path: namespace + shown, op: key.endsWith('/') ? 'list' : 'read', data: {}, sudoPath: ports.asksForSudo(shown) }
}

const KEPT = 256
const templates = new Map<string, Template>()

function parsed(text: string): Template {
  const known = templates.get(text)
  if (known !== undefined) return known
  if (templates.size >= KEPT) templates.clear()
  const made = parseTextTemplate(text)
  templates.set(text, made)
  return made
}
