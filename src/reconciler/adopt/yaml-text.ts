import type { Json } from '../../kernel/index.ts'
import { Document, isMap, isScalar, isSeq, parseDocument, Scalar, visit } from '../../yaml/index.ts'

/** Longest list or map that stands on one line. */
const ONE_LINE = 90
const WIDTH = 120

/** A file's text: maps as blocks, short lists and small maps of plain values on one line. */
export function yamlText(value: Json): string {
  const document = new Document(value)
  shape(document)
  return textOf(document)
}

/** As prettier writes it: `{ a: b }`, but `[a, b]`. The library knows one padding for both, so that of lists is cut out again. */
export function textOf(document: Document): string {
  const text = document.toString({ lineWidth: 0, flowCollectionPadding: true, singleQuote: true })
  const cuts: number[] = []
  visit(parseDocument(text), {
    Seq(_key, { flow, range }) {
      if (flow !== true || range === undefined || range === null) return
      const [start, end] = range
      if (text.startsWith('[ ', start) && !text.startsWith('[ ]', start)) cuts.push(start + 1)
      if (text.startsWith(' ]', end - 2) && text[end - 3] !== '[') cuts.push(end - 2)
    },
  })
  return cuts.sort((a, b) => b - a).reduce((cut, at) => cut.slice(0, at) + cut.slice(at + 1), text)
}

/** Chooses how each part is written; what is flow already stays so. */
function shape(document: Document): void {
  visit(document, {
    Seq(_key, node) {
      if (node.items.every(isScalar) && isShort(node.toJSON())) node.flow = true
    },
    Map(_key, node, path) {
      const depth = path.filter(it => isMap(it) || isSeq(it)).length
      if (depth === 0 || node.items.length === 0) return
      const isSmall = node.items.every(({ value }) => isScalar(value) || (isSeq(value) && value.items.every(isScalar)))
      if (isSmall && isShort(node.toJSON()) && node.items.length <= 4) node.flow = true
    },
    Scalar(_key, node) {
      if (typeof node.value === 'string' && node.value.includes('\n')) node.type = Scalar.BLOCK_LITERAL
    },
  })
}

export const isShort = (value: unknown): boolean => {
  const text = JSON.stringify(value)
  return text.length <= ONE_LINE && text.length < WIDTH && !text.includes('\\n')
}
