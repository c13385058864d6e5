import type { Checked, Diagnostic, SourceFile, SourceRange } from '../../kernel/index.ts'
import { BOOL, FLOAT, NUMBER, NULL } from '../lex/index.ts'
import {
  parseText,
  rangeOf,
  rangeOfToken,
  stringValue,
  tokenText,
  type HclTree,
  type Item,
  type Literal,
  type Value,
} from '../parse/index.ts'
import type { ConfigEntry, ConfigLabel, ConfigNode, ConfigValue } from './config-node.ts'

/** Reads HCL1 or its JSON form. Refused: what is no HCL, and an attribute that is set twice in one body. */
export function parseConfig(file: SourceFile): Checked<ConfigNode> {
  const parsed = parseText(file)
  if (!parsed.ok) return { findings: parsed.refusals.map(it => it.finding) }
  const reader = new ConfigReader(parsed.value)
  const value = reader.body(parsed.value.items, parsed.value.lines.range(0, file.text.length))
  return reader.findings.length > 0 ? { findings: reader.findings } : { value, findings: [] }
}

class ConfigReader {
  readonly findings: Diagnostic[] = []
  readonly #tree: HclTree

  constructor(tree: HclTree) {
    this.#tree = tree
  }

  body(items: readonly Item[], at: SourceRange): ConfigNode {
    const entries = items.map(item => this.#entry(item))
    this.#refuseRepeated(entries)
    if (this.#tree.unfinished !== undefined && items === this.#tree.items)
      this.#refuse('HCL4003', 'the last key has no value', this.#tree.unfinished)
    return { kind: 'body', at, entries }
  }

  #entry(item: Item): ConfigEntry {
    const [first, ...rest] = item.keys as [number, ...number[]]
    const name = this.#text(first)
    const nameAt = rangeOfToken(this.#tree, first)
    const { value } = item
    const isBlock = value.kind === 'object' && (item.assign === -1 || rest.length > 0 || this.#tree.dialect === 'json')
    if (isBlock) {
      const labels: ConfigLabel[] = rest.map(token => ({ text: this.#text(token), at: rangeOfToken(this.#tree, token) }))
      return { kind: 'block', name, nameAt, labels, body: this.body(value.items, rangeOf(this.#tree, value)) }
    }
    return { kind: 'attribute', name, nameAt, value: this.#value(value) }
  }

  #value(value: Value): ConfigValue {
    const at = rangeOf(this.#tree, value)
    switch (value.kind) {
      case 'object':
        return { kind: 'object', body: this.body(value.items, at), at }
      case 'list':
        return { kind: 'list', elements: value.elements.map(it => this.#value(it)), at }
      case 'literal':
        return this.#literal(value, at)
    }
  }

  #literal(literal: Literal, at: SourceRange): ConfigValue {
    switch (this.#tree.tokens.kind(literal.token)) {
      case BOOL:
        return { kind: 'bool', value: tokenText(this.#tree, literal.token) === 'true', at }
      case NULL:
        return { kind: 'null', at }
      case NUMBER:
      case FLOAT: {
        const source = tokenText(this.#tree, literal.token)
        const value = numberOf(source)
        if (Number.isNaN(value)) this.#refuse('HCL4002', `${source.trimEnd()} is no number`, literal.token)
        return { kind: 'number', value, source, at }
      }
      default:
        return { kind: 'string', value: this.#text(literal.token), at }
    }
  }

  #text(token: number): string {
    const text = stringValue(this.#tree, token)
    if (text === undefined) this.#refuse('HCL2002', 'an escape stands for no character', token)
    return text ?? ''
  }

  #refuseRepeated(entries: readonly ConfigEntry[]): void {
    const seen = new Map<string, SourceRange>()
    for (const entry of entries) {
      if (entry.kind !== 'attribute') continue
      const before = seen.get(entry.name)
      if (before === undefined) seen.set(entry.name, entry.nameAt)
      else {
        this.findings.push({
          code: 'HCL4001',
          severity: 'error',
          summary: `${entry.name} is set twice in the same body`,
          detail: 'keep one of them',
          at: entry.nameAt,
          related: [{ at: before, note: 'it was set here first' }],
        })
      }
    }
  }

  #refuse(code: string, summary: string, token: number): void {
    this.findings.push({ code, severity: 'error', summary, at: rangeOfToken(this.#tree, token) })
  }
}

/** Whole numbers that begin with 0 are octal or hexadecimal, as everywhere in HCL1; NaN for what is no number. */
function numberOf(source: string): number {
  const [, sign = '', digits = ''] = /^(-?)(.*)$/s.exec(source) ?? []
  const octal = /^0[0-9]+$/.test(digits)
  const value = octal ? Number(`0o${digits.slice(1)}`) : Number(/\s$/.test(digits) ? 'x' : digits)
  return sign === '-' ? -value : value
}
