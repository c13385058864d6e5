/**
 * The language of the API's templates (Go's text/template), for list filters of policies and names that engines make. Pure:
 * time, randomness and hashes come in as ports. Must not know what a template is for.
 */
import { builtIns } from './built-ins.ts'
import { executeTemplate, type Strictness } from './execute.ts'
import { parseTemplate, type Template } from './parser.ts'
import { stringFunctionNames, stringFunctions, type TemplatePorts } from './string-functions.ts'
import type { ValueMap } from './value.ts'

export { TemplateFailure } from './parser.ts'
export { type TemplatePorts } from './string-functions.ts'
export { type Template, type ValueMap }

const NAMES: ReadonlySet<string> = new Set([...Object.keys(builtIns), 'call', ...stringFunctionNames])

/** @throws TemplateFailure with the words of the peer */
export const parseTextTemplate = (text: string): Template => parseTemplate(text, NAMES)

/** @throws TemplateFailure */
export const runTextTemplate = (template: Template, data: ValueMap, ports: TemplatePorts, strictness?: Strictness): string =>
  executeTemplate(template, data, stringFunctions(ports), strictness)
