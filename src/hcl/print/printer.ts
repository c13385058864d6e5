import { HEREDOC, STRING } from '../lex/index.ts'
import {
  firstToken,
  type CommentGroup,
  type HclTree,
  type Item,
  type List,
  type Literal,
  type ObjectValue,
  type Value,
} from '../parse/index.ts'
import { byteLength } from '../text/index.ts'
import { LooseComments } from './loose-comments.ts'
import { Writer } from './writer.ts'

/** What was printed, and how often each comment was: the caller decides whether that is good enough. */
export interface Printed {
  readonly text: string
  /** By token; a comment that is not in it was lost. */
  readonly comments: ReadonlyMap<number, number>
  /** Comments that now stand in the line of a comment that reaches to its end. */
  readonly joined: readonly number[]
}

/**
 * Prints a tree as the peer's `policy fmt` does. The peer places loose comments by one "last printed" position that nested
 * blocks move, so the tree is walked once, depth first, and `#prev` follows the same path.
 */
export function print(tree: HclTree): Printed {
  return new Printer(tree).print()
}

const NOWHERE = -1
/** The marker that the peer puts before a line that keeps its columns counts in its widths. */
const MARKER_BYTES = 3

class Printer {
  readonly #tree: HclTree
  readonly #out: Writer
  readonly #loose: LooseComments
  readonly #printed = new Map<number, number>()
  readonly #joined: number[] = []
  readonly #hasReturns: boolean
  #prev = NOWHERE

  constructor(tree: HclTree) {
    this.#tree = tree
    this.#loose = new LooseComments(tree)
    const { text } = tree.source
    this.#out = new Writer(text.length + (text.length >> 2))
    this.#hasReturns = text.includes('\r\n')
  }

  print(): Printed {
    const { items } = this.#tree
    const end = this.#tree.source.text.length + 1
    for (const [i, item] of items.entries()) {
      this.#commentsAtTop(this.#start(item), false)
      this.#prev = this.#start(item)
      this.#item(item)
      const next = items[i + 1]
      if (next === undefined) break
      this.#out.newline()
      if (!this.#hugs(item, next)) this.#out.newline()
    }
    this.#commentsAtTop(end, true)
    this.#out.newline()
    return { text: this.#out.result(), comments: this.#printed, joined: this.#joined }
  }

  #commentsAtTop(next: number, last: boolean): void {
    const loose = this.#loose
    for (let i = loose.firstBehind(this.#prev); loose.isBefore(i, next);) {
      const group = loose.group(i)
      if (last && this.#prev !== NOWHERE) {
        this.#out.newline()
        this.#out.newline()
      }
      for (; loose.isBefore(i, next) && loose.group(i) === group; i++) {
        this.#looseComment(loose.token(i))
        this.#out.newline()
      }
      if (!last) this.#out.newline()
    }
  }

  /** Whether two items of the top level stand without an empty line between them. */
  #hugs(item: Item, next: Item): boolean {
    return this.#line(next) === this.#line(item) + 1 && isBareBlock(item) && isBareBlock(next)
  }

  #item(item: Item): void {
    const { assign, keys, lead, tail, value } = item
    const oneLine = this.#keyAndValueShareLine(item)
    if (lead !== undefined) this.#commentLines(lead)
    if (tail !== undefined && !oneLine) this.#commentLines(tail)
    for (const key of keys) {
      this.#token(key)
      this.#out.text(' ')
    }
    if (assign !== -1 && keys.length === 1) this.#out.text('= ')
    this.#value(value)
    if (tail !== undefined && oneLine) {
      this.#out.text(' ')
      this.#tail(tail)
    }
  }

  #value(value: Value): void {
    if (value.kind === 'literal') this.#literal(value)
    else if (value.kind === 'list') this.#list(value)
    else this.#object(value)
  }

  #literal(literal: Literal): void {
    if (this.#isOneLiner(literal.token)) this.#token(literal.token)
    else if (this.#keepsColumns(literal)) this.#out.verbatim(this.#literalText(literal))
    else this.#out.lines(this.#text(literal.token))
  }

  /** As written, each line indented. */
  #token(token: number): void {
    const { source, tokens } = this.#tree
    if (this.#isOneLiner(token)) this.#out.copy(source.text, tokens.start(token), tokens.end(token))
    else this.#out.lines(this.#text(token))
  }

  #object(object: ObjectValue): void {
    const out = this.#out
    const { items } = object
    const close = this.#tree.tokens.start(object.close)
    out.text('{')
    out.depth++
    const state: BodyState = { opened: false, commented: false }
    for (let index = 0; ;) {
      const item = items[index]
      this.#commentsInBody(item === undefined ? close : this.#start(item), index, item, state)
      if (item === undefined) break
      if (!state.opened) {
        state.opened = true
        out.newline()
      }
      const run = this.#run(items, index)
      if (!state.commented && index !== 0) out.newline()
      if (run > 0) {
        this.#aligned(items.slice(index, index + run))
        index += run
      } else {
        this.#prev = this.#start(item)
        this.#item(item)
        index++
      }
      out.newline()
    }
    this.#prev = close
    out.depth--
    out.text('}')
  }

  #commentsInBody(next: number, index: number, item: Item | undefined, state: BodyState): void {
    const { tokens } = this.#tree
    const loose = this.#loose
    for (let i = loose.firstBehind(this.#prev); loose.isBefore(i, next);) {
      const group = loose.group(i)
      let last = -1
      for (; loose.isBefore(i, next) && loose.group(i) === group; i++) {
        if (!state.opened) {
          state.opened = true
          this.#out.newline()
        }
        // Before the first item nothing separates the comments of a group: the peer joins them in one line.
        if (index > 0) {
          state.commented = true
          this.#out.newline()
        } else if (last !== -1) {
          this.#out.text('  ')
          if (this.#isLineComment(last)) this.#joined.push(loose.token(i))
        }
        last = loose.token(i)
        this.#looseComment(last)
      }
      this.#out.newline()
      if (item !== undefined && this.#line(item) !== tokens.line(last) + 1) this.#out.newline()
    }
  }

  /**
   * How many items from `index` on are aligned with each other: neighbours on consecutive lines that print on at most two, a
   * comment above included.
   */
  #run(items: readonly Item[], index: number): number {
    if (items.length === 1) return 0
    let count = 0
    let prev = this.#prev
    for (let at = index; at < items.length; at++) {
      const item = items[at] as Item
      if (this.#linesOf(item, prev) > 2) break
      if (item.value.kind === 'object') prev = this.#tree.tokens.start(item.value.close)
      const line = this.#line(item)
      const before = at === 0 ? 0 : this.#line(items[at - 1] as Item)
      const next = at === items.length - 1 ? 0 : this.#line(items[at + 1] as Item)
      if (line + 1 === next) count++
      else {
        if (line - 1 === before) count++
        break
      }
    }
    return count
  }

  /** Lines that an item would take, or 3 for more than two; `prev` as the peer has it when it tries. */
  #linesOf(item: Item, prev: number): number {
    const { lead, tail, keys, value } = item
    let lines = 1
    if (lead !== undefined) lines += this.#lineEnds(lead) + (lead.last - lead.first + 1)
    if (tail !== undefined) lines += this.#lineEnds(tail) + (this.#keyAndValueShareLine(item) ? 0 : tail.last - tail.first + 1)
    for (const key of keys) lines += this.#tokenLineEnds(key)
    if (lines > 2) return 3
    if (value.kind === 'object') {
      const close = this.#tree.tokens.start(value.close)
      return value.items.length > 0 || this.#loose.isBetween(prev, close) ? 3 : lines
    }
    if (value.kind === 'literal') return lines + this.#literalLineEnds(value)
    if (!this.#isOneLine(value)) return 3
    for (const element of value.elements) {
      if (element.kind === 'literal') lines += this.#literalLineEnds(element) + (this.#isHeredoc(element) ? 1 : 0)
    }
    return lines
  }

  #aligned(items: readonly Item[]): void {
    const { tokens } = this.#tree
    const widths = items.map(item => this.#width(item.value))
    const keyWidth = largest(items.map(item => this.#bytes(item.keys[0] as number)))
    const valueWidth = largest(widths)
    this.#prev = this.#start(items.at(-1) as Item)
    for (const [i, item] of items.entries()) {
      if (i > 0) this.#out.newline()
      if (item.lead !== undefined) this.#commentLines(item.lead)
      for (const key of item.keys) {
        this.#token(key)
        this.#out.blanks(keyWidth - this.#bytes(key) + 1)
      }
      if (item.keys.length === 1) this.#out.text('= ')
      if (item.value.kind === 'object') {
        this.#out.text('{}')
        this.#prev = tokens.start(item.value.close)
      } else this.#value(item.value)
      if (item.tail !== undefined && this.#keyAndValueShareLine(item)) {
        this.#out.blanks(valueWidth - (widths[i] as number) + 1)
        this.#tail(item.tail)
      }
    }
  }

  /** Bytes of a value that stands in a run, as the peer counts them. */
  #width(value: Value): number {
    if (value.kind === 'object') return 2
    if (value.kind === 'literal') return this.#literalWidth(value)
    let width = 2 + 2 * Math.max(0, value.elements.length - 1)
    for (const element of value.elements) {
      if (element.kind === 'literal') width += this.#literalWidth(element) + (this.#isHeredoc(element) ? 1 : 0)
    }
    return width
  }

  #literalWidth(literal: Literal): number {
    if (this.#isOneLiner(literal.token)) return this.#bytes(literal.token)
    const text = this.#literalText(literal)
    return byteLength(text) + (this.#keepsColumns(literal) ? MARKER_BYTES * filledLineStarts(text) : 0)
  }

  #list(list: List): void {
    if (this.#isOneLine(list)) return this.#oneLineList(list)
    const out = this.#out
    out.text('[')
    out.newline()
    let longest = 0
    for (const element of list.elements) if (element.kind === 'literal') longest = Math.max(longest, this.#bytes(element.token))
    let emptyLine = false
    for (const [i, element] of list.elements.entries()) {
      out.depth++
      const literal = element.kind === 'literal' ? element : undefined
      if (literal?.lead !== undefined) {
        if (!emptyLine && i !== 0) out.newline()
        this.#commentLines(literal.lead)
      }
      this.#value(element)
      const heredoc = literal !== undefined && this.#isHeredoc(literal)
      if (heredoc) {
        out.newline()
        out.text(',')
      }
      out.depth--
      if (!heredoc) out.text(',')
      if (literal?.tail !== undefined) {
        out.text(' ')
        out.blanks(longest - this.#literalWidth(literal))
        this.#tail(literal.tail)
      }
      out.newline()
      emptyLine = literal?.lead !== undefined && i !== list.elements.length - 1
      if (emptyLine) out.newline()
    }
    out.text(']')
  }

  #oneLineList(list: List): void {
    this.#out.text('[')
    for (const [i, element] of list.elements.entries()) {
      if (i > 0) this.#out.text(', ')
      this.#value(element)
      if (element.kind === 'literal' && this.#isHeredoc(element)) this.#out.newline()
    }
    this.#out.text(']')
  }

  /** Only literals, all on the line of the `[`, none with a comment behind it; a heredoc only alone. */
  #isOneLine(list: List): boolean {
    const { tokens } = this.#tree
    const line = tokens.line(list.open)
    for (const element of list.elements) {
      if (element.kind !== 'literal' || tokens.line(element.token) !== line || element.tail !== undefined) return false
      if (list.elements.length !== 1 && this.#isHeredoc(element)) return false
    }
    return true
  }

  #commentLines(group: CommentGroup): void {
    for (let token = group.first; token <= group.last; token++) {
      this.#count(token)
      this.#token(token)
      this.#out.newline()
    }
  }

  #tail(group: CommentGroup): void {
    for (let token = group.first; token <= group.last; token++) {
      this.#count(token)
      this.#token(token)
    }
  }

  #looseComment(token: number): void {
    this.#count(token)
    if (this.#isLineComment(token)) this.#token(token)
    else this.#out.verbatim(this.#text(token))
  }

  #count(token: number): void {
    this.#printed.set(token, (this.#printed.get(token) ?? 0) + 1)
  }

  #isLineComment(token: number): boolean {
    const { source, tokens } = this.#tree
    return source.text.charCodeAt(tokens.start(token) + 1) !== 42
  }

  #text(token: number): string {
    const { source, tokens } = this.#tree
    const text = source.text.slice(tokens.start(token), tokens.end(token))
    return this.#hasReturns ? text.replaceAll('\r\n', '\n') : text
  }

  #literalText(literal: Literal): string {
    const text = this.#text(literal.token)
    return this.#isHeredoc(literal) && text.endsWith('\n') ? text.slice(0, -1) : text
  }

  #isHeredoc(literal: Literal): boolean {
    return this.#tree.tokens.kind(literal.token) === HEREDOC
  }

  #keepsColumns(literal: Literal): boolean {
    const kind = this.#tree.tokens.kind(literal.token)
    return kind === HEREDOC || kind === STRING
  }

  #bytes(token: number): number {
    const { source, tokens } = this.#tree
    if (this.#hasReturns) return byteLength(this.#text(token))
    return byteLength(source.text, tokens.start(token), tokens.end(token))
  }

  #isOneLiner(token: number): boolean {
    const { source, tokens } = this.#tree
    const end = tokens.end(token)
    for (let at = tokens.start(token); at < end; at++) if (source.text.charCodeAt(at) === 10) return false
    return true
  }

  /** A heredoc's last one is not printed. */
  #literalLineEnds(literal: Literal): number {
    const count = this.#tokenLineEnds(literal.token)
    return this.#isHeredoc(literal) ? count - 1 : count
  }

  #lineEnds(group: CommentGroup): number {
    let count = 0
    for (let token = group.first; token <= group.last; token++) count += this.#tokenLineEnds(token)
    return count
  }

  #tokenLineEnds(token: number): number {
    const { source, tokens } = this.#tree
    const end = tokens.end(token)
    let count = 0
    for (let at = tokens.start(token); at < end; at++) if (source.text.charCodeAt(at) === 10) count++
    return count
  }

  #keyAndValueShareLine(item: Item): boolean {
    return this.#tree.tokens.line(firstToken(item.value)) === this.#line(item)
  }

  #line(item: Item): number {
    return this.#tree.tokens.line(item.keys[0] as number)
  }

  #start(item: Item): number {
    return this.#tree.tokens.start(item.keys[0] as number)
  }
}

interface BodyState {
  /** Whether the line of the `{` was ended. */
  opened: boolean
  /** Whether a loose comment was printed behind an item: from then on nothing separates items. */
  commented: boolean
}

const isBareBlock = (item: Item): boolean =>
  item.lead === undefined && item.assign === -1 && item.value.kind === 'object' && item.value.items.length === 0

const largest = (numbers: readonly number[]): number => numbers.reduce((most, it) => (it > most ? it : most), 0)

/** Line breaks that a character follows which is none. */
function filledLineStarts(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1))
    if (at + 1 < text.length && text.charCodeAt(at + 1) !== 10) count++
  return count
}
