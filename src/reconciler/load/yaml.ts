import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  Scalar,
  type YAMLError,
  type YAMLMap,
} from '../../yaml/index.ts'
import type { Checked, Diagnostic, SourceFile, SourcePosition, SourceRange } from '../../kernel/index.ts'
import { errorAt, fileRange, type MapEntry, type SourceNode } from '../model/index.ts'

/** Nodes that one file may come to, aliases followed: more is a bomb and no configuration. */
const MOST_NODES = 1_000_000

/** One mistake in the syntax is often told many times. */
const MOST_ERRORS = 5

/** A YAML 1.2 file with one document. No value: the findings say why. */
export function readYaml(file: SourceFile): Checked<SourceNode> {
  try {
    return readDocument(file)
  } catch (error) {
    // Reader and library both go down as deep as the text does; the stack is what ends first.
    if (!(error instanceof RangeError)) throw error
    return { findings: [errorAt('LOAD0002', fileRange(file.name), 'the file is nested too deeply')] }
  }
}

function readDocument(file: SourceFile): Checked<SourceNode> {
  const lines = new LineCounter()
  const documents = parseAllDocuments(file.text, { lineCounter: lines, uniqueKeys: true, merge: true, prettyErrors: false })
  const reader = new Reader(file, lines)
  const [document, second] = 'empty' in documents ? [] : documents
  if (document === undefined) return { findings: [errorAt('LOAD0002', fileRange(file.name), 'the file is empty')] }
  const broken = ('empty' in documents ? [] : documents).flatMap(it => it.errors)
  if (broken.length > 0) {
    return { findings: broken.slice(0, MOST_ERRORS).map(it => reader.problem(it)) }
  }
  if (second !== undefined) {
    return { findings: [errorAt('LOAD0002', reader.range(second.range), 'the file holds more than one document; write one file for each')] }
  }
  return reader.read(document)
}

const firstLine = (text: string): string => lowerFirst(text.split('\n')[0] ?? text).replace(/[.:]$/, '')
const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1)

class Reader {
  readonly #file: SourceFile
  readonly #lines: LineCounter
  readonly #findings: Diagnostic[] = []
  readonly #anchors = new Map<string, SourceNode>()
  readonly #weights = new WeakMap<SourceNode, number>()

  constructor(file: SourceFile, lines: LineCounter) {
    this.#file = file
    this.#lines = lines
  }

  read(document: Document): Checked<SourceNode> {
    const { contents } = document
    if (contents === null) return { findings: [errorAt('LOAD0002', fileRange(this.#file.name), 'the file is empty')] }
    const node = this.#node(contents)
    return this.#findings.length > 0 || node === undefined ? { findings: this.#findings } : { value: node, findings: [] }
  }

  problem(error: YAMLError): Diagnostic {
    const at = this.range(error.pos)
    if (error.code !== 'DUPLICATE_KEY') return errorAt('LOAD0002', at, firstLine(error.message))
    const key = /^(?:"[^"\n]*"|'[^'\n]*'|[^\s:,}\]]+)/.exec(this.#file.text.slice(at.start.offset))?.[0] ?? ''
    return errorAt('LOAD0006', at, `the key ${key} is given twice`)
  }

  range(at: readonly number[] | null | undefined): SourceRange {
    const [start = 0, end = start] = at ?? []
    return { file: this.#file.name, start: this.#position(start), end: this.#position(end) }
  }

  #position(offset: number): SourcePosition {
    const { line, col } = this.#lines.linePos(offset)
    if (line === 0) return { line: 1, column: 1, offset }
    // The counter's columns are UTF-16 units; ours are code points.
    const start = offset - (col - 1)
    return { line, column: Array.from(this.#file.text.slice(start, offset)).length + 1, offset }
  }

  #refuse(at: SourceRange, summary: string): undefined {
    this.#findings.push(errorAt('LOAD0002', at, summary))
  }

  #node(node: Node): SourceNode | undefined {
    const made = this.#made(node)
    if (made !== undefined && 'anchor' in node && typeof node.anchor === 'string') this.#anchors.set(node.anchor, made)
    return made
  }

  #made(node: Node): SourceNode | undefined {
    const at = this.range(node.range)
    if (isAlias(node)) return this.#alias(node, at)
    if (isScalar(node)) return this.#weighed(this.#scalar(node, at), [])
    if (isSeq(node)) {
      const items = node.items.map(it => this.#node(it as Node)).filter(it => it !== undefined)
      return this.#weighed({ is: 'list', items, at }, items)
    }
    if (isMap(node)) {
      const entries = this.#entries(node)
      return this.#weighed(
        { is: 'map', entries, at },
        entries.map(it => it.value),
      )
    }
    return this.#refuse(at, 'this kind of YAML node has no place here')
  }

  /** What stands at an anchor is shared and not copied, but whoever walks it walks it all: that is what is bounded. */
  #weighed(made: SourceNode | undefined, inside: readonly SourceNode[]): SourceNode | undefined {
    if (made === undefined) return undefined
    const weight = inside.reduce((sum, it) => sum + (this.#weights.get(it) ?? 1), 1)
    if (weight > MOST_NODES) return this.#isRefused() ? undefined : this.#refuse(made.at, 'the file is too large')
    this.#weights.set(made, weight)
    return made
  }

  #isRefused(): boolean {
    return this.#findings.length > 0
  }

  /** The anchor that was last set above: one that stands around its own alias is not yet there. */
  #alias(node: Alias, at: SourceRange): SourceNode | undefined {
    return this.#anchors.get(node.source) ?? (this.#isRefused() ? undefined : this.#refuse(at, `there is no anchor &${node.source} above`))
  }

  #scalar({ value, source }: Scalar, at: SourceRange): SourceNode | undefined {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return { is: 'scalar', value, at }
    // `1.10`, `010` and `0x1F` would reach the server as 1.1, 10 and 31; whoever meant a text would not notice.
    if (typeof value === 'number' && String(value) === source) return { is: 'scalar', value, at }
    return this.#refuse(at, 'expected text, true, false or a plain number; a text that looks like a number needs quotes')
  }

  #entries(map: YAMLMap): readonly MapEntry[] {
    const own = new Map<string, MapEntry>()
    const merged = new Map<string, MapEntry>()
    for (const { key, value } of map.items) {
      const keyNode = key as Node
      const keyAt = this.range(keyNode.range)
      const isMerge = isScalar(keyNode) && typeof keyNode.value === 'symbol'
      if (!isMerge && (!isScalar(keyNode) || (typeof keyNode.value !== 'string' && typeof keyNode.value !== 'number'))) {
        this.#refuse(keyAt, 'a key is a text')
        continue
      }
      const name = isMerge ? '<<' : String(keyNode.value)
      // What was left empty has no node in some places: it is a null where the key ends.
      const node: SourceNode | undefined =
        value === null ? { is: 'scalar', value: null, at: { ...keyAt, start: keyAt.end } } : this.#node(value as Node)
      if (node === undefined) continue
      if (isMerge) this.#merge(node, merged)
      else own.set(name, { key: name, keyAt, value: node })
    }
    // A key that is written out goes before one that comes by `<<`.
    return [...[...merged.values()].filter(it => !own.has(it.key)), ...own.values()]
  }

  #merge(node: SourceNode, into: Map<string, MapEntry>): void {
    const sources = node.is === 'list' ? node.items : [node]
    for (const source of sources) {
      if (source.is !== 'map') {
        this.#refuse(source.at, '<< takes a map, or a list of maps')
        continue
      }
      for (const entry of source.entries) if (!into.has(entry.key)) into.set(entry.key, entry)
    }
  }
}
