import type { SourceFile } from '../../kernel/index.ts'
import {
  ASSIGN,
  BOOL,
  COMMA,
  COMMENT,
  EOF,
  FLOAT,
  HEREDOC,
  IDENT,
  ILLEGAL,
  LBRACE,
  LBRACK,
  Lexer,
  LineIndex,
  NUMBER,
  RBRACE,
  RBRACK,
  STRING,
  tokenName,
} from '../lex/index.ts'
import { explainLexProblems, explainProblem, withinList, type ProblemKind } from './explain.ts'
import { MAX_DEPTH } from './limits.ts'
import type { Parsed, Refusal } from './refusal.ts'
import type { CommentGroup, HclTree, Item, List, Literal, ObjectValue, Value } from './tree.ts'

/** Parses the HCL1 dialect. Refused exactly where the server refuses, for the reason it gives. */
export function parseHcl(source: SourceFile): Parsed<HclTree> {
  return new Parser(source).parse()
}

/** What ended a rule early: a refusal, or the end of the text, which the rule above may accept. */
type Stop = 'refused' | 'end'

class Parser {
  readonly #source: SourceFile
  readonly #lexer: Lexer
  readonly #lines: LineIndex
  readonly #comments: CommentGroup[] = []
  #token = -1
  #kind = ILLEGAL
  /** The current token is to be read once more. */
  #again = false
  #lead: CommentGroup | undefined
  #tail: CommentGroup | undefined
  #depth = 0
  #stop: Stop | undefined
  #refusal: Refusal | undefined
  #unfinished: number | undefined

  constructor(source: SourceFile) {
    this.#source = source
    this.#lexer = new Lexer(source.text)
    this.#lines = new LineIndex(source)
  }

  parse(): Parsed<HclTree> {
    const items = this.#items(false)
    const refusals = this.#refusals()
    if (refusals.length > 0) return { ok: false, refusals }
    return {
      ok: true,
      value: {
        source: this.#source,
        dialect: 'hcl',
        tokens: this.#lexer.tokens,
        lines: this.#lines,
        items,
        comments: this.#comments,
        unfinished: this.#unfinished,
      },
    }
  }

  /** The server reports the last problem of the characters, and one of the grammar only if there is none of those. */
  #refusals(): Refusal[] {
    const { problems } = this.#lexer.reader
    if (problems.length > 0) return explainLexProblems(this.#source, this.#lines, problems, 'hcl')
    return this.#refusal === undefined ? [] : [this.#refusal]
  }

  /** Items up to the end, or in a body up to its `}`, which is left to the caller. */
  #items(body: boolean): Item[] {
    const items: Item[] = []
    for (;;) {
      if (body) {
        const kind = this.#scan()
        this.#again = true
        if (kind === RBRACE) break
      }
      const item = this.#item()
      if (item === undefined) {
        if (this.#stop === 'end') this.#stop = undefined
        break
      }
      items.push(item)
      if (this.#scan() !== COMMA) this.#again = true
    }
    return items
  }

  #item(): Item | undefined {
    const keys = this.#keys()
    if (keys === undefined) return undefined
    const lead = this.#lead
    this.#lead = undefined

    const kind = this.#kind
    const assign = kind === ASSIGN ? this.#token : -1
    let value: Value | undefined
    if (kind === ASSIGN) value = this.#value()
    else if (kind === LBRACE) value = this.#object()
    else this.#refuse('key-alone', this.#token, keys.map(key => this.#text(key)).join(' '))
    if (value === undefined) {
      if (this.#stop === 'end') this.#unfinished = keys[0]
      return undefined
    }

    let tail = this.#tail
    this.#tail = undefined
    // Looks one token ahead, because that is what brings in a comment behind the value.
    this.#scan()
    this.#again = true
    if (this.#tail !== undefined && this.#lineOf(value) === this.#lexer.tokens.line(keys[0] as number)) {
      tail = this.#tail
      this.#tail = undefined
    }
    if (lead !== undefined) lead.owned = true
    if (tail !== undefined) tail.owned = true
    return { kind: 'item', keys, assign, value, lead, tail }
  }

  /** Up to the `=` or `{` behind the keys, or to what stands there instead if there is one key at least. */
  #keys(): number[] | undefined {
    const keys: number[] = []
    for (;;) {
      switch (this.#scan()) {
        case IDENT:
        case STRING:
          keys.push(this.#token)
          continue
        case ASSIGN:
          if (keys.length === 1) return keys
          this.#refuse(keys.length === 0 ? 'assign-without-key' : 'assign-after-labels', this.#token)
          return undefined
        case LBRACE:
          if (keys.length > 0) return keys
          this.#refuse('body-without-key', this.#token)
          return undefined
        case EOF:
          if (keys.length > 0) return keys
          this.#stop = 'end'
          return undefined
        case RBRACE:
          if (keys.length > 0) return keys
          break
        case ILLEGAL:
          this.#refuse('illegal-character', this.#token)
          return undefined
      }
      this.#refuse('key-expected', this.#token)
      return undefined
    }
  }

  #value(): Value | undefined {
    switch (this.#scan()) {
      case NUMBER:
      case FLOAT:
      case BOOL:
      case STRING:
      case HEREDOC:
        return this.#literal()
      case LBRACE:
        return this.#object()
      case LBRACK:
        return this.#list()
      case EOF:
        this.#stop = 'end'
        return undefined
    }
    this.#refuse('value-expected', this.#token)
    return undefined
  }

  #literal(): Literal {
    return { kind: 'literal', token: this.#token, lead: undefined, tail: undefined }
  }

  /** Behind the `{`. */
  #object(): ObjectValue | undefined {
    const open = this.#token
    if (!this.#enter(open)) return undefined
    const items = this.#items(true)
    if (this.#stop !== undefined) return undefined
    if (this.#scan() !== RBRACE) {
      this.#refuse('brace-expected', this.#token, '', open)
      return undefined
    }
    this.#depth--
    return { kind: 'object', open, close: this.#token, items }
  }

  /** Behind the `[`. Commas may stand anywhere; one is missed only between two elements, and not behind a nested list. */
  #list(): List | undefined {
    const open = this.#token
    if (!this.#enter(open)) return undefined
    const elements: Value[] = []
    let needComma = false
    for (;;) {
      const kind = this.#scan()
      if (needComma && kind !== COMMA && kind !== RBRACK) {
        this.#refuse('comma-expected', this.#token, '', open)
        return undefined
      }
      switch (kind) {
        case BOOL:
        case NUMBER:
        case FLOAT:
        case STRING:
        case HEREDOC: {
          const literal = this.#literal()
          if (this.#lead !== undefined) {
            literal.lead = this.#lead
            literal.lead.owned = true
            this.#lead = undefined
          }
          elements.push(literal)
          needComma = true
          continue
        }
        case COMMA:
          this.#behindComma(elements.at(-1))
          needComma = false
          continue
        case LBRACE: {
          const at = this.#token
          const object = this.#object()
          if (object === undefined) return this.#within('object', at)
          elements.push(object)
          needComma = true
          continue
        }
        case LBRACK: {
          const at = this.#token
          const list = this.#list()
          if (list === undefined) return this.#within('list', at)
          elements.push(list)
          continue
        }
        case RBRACK:
          this.#depth--
          return { kind: 'list', open, close: this.#token, elements }
      }
      this.#refuse('element-expected', this.#token, '', open)
      return undefined
    }
  }

  #within(what: 'object' | 'list', opening: number): undefined {
    if (this.#refusal === undefined) return
    const { tokens } = this.#lexer
    this.#refusal = withinList(this.#refusal, what, this.#lines.range(tokens.start(opening), tokens.end(opening)))
  }

  #behindComma(element: Value | undefined): void {
    this.#scan()
    this.#again = true
    if (this.#tail === undefined || element === undefined || element.kind !== 'literal') return
    // A second comma behind the same element brings a second comment, which takes the place of the first.
    if (element.tail !== undefined) element.tail.owned = false
    element.tail = this.#tail
    element.tail.owned = true
    this.#tail = undefined
  }

  #enter(token: number): boolean {
    if (this.#depth >= MAX_DEPTH) {
      this.#refuse('too-deep', token)
      return false
    }
    this.#depth++
    return true
  }

  /** The next token that is no comment; on the way, finds out whose the comments are. */
  #scan(): number {
    if (this.#again) {
      this.#again = false
      return this.#kind
    }
    const before = this.#token
    const token = this.#lexer.scan()
    this.#token = token
    this.#kind = this.#lexer.tokens.kind(token)
    if (this.#kind === COMMENT) this.#commentsBehind(before)
    return this.#kind
  }

  #commentsBehind(before: number): void {
    const { tokens } = this.#lexer
    const lineBefore = before === -1 ? 0 : tokens.line(before)
    let group: CommentGroup | undefined
    let endLine = -1
    if (tokens.line(this.#token) === lineBefore) {
      endLine = this.#group(0)
      group = this.#comments.at(-1)
      if (tokens.line(this.#token) !== endLine) this.#tail = group
      endLine = -1
    }
    while (this.#kind === COMMENT) {
      endLine = this.#group(1)
      group = this.#comments.at(-1)
    }
    if (endLine + 1 === tokens.line(this.#token) && this.#kind !== RBRACE && this.#kind !== RBRACK) this.#lead = group
  }

  /** Takes comments as long as the next begins at most `gap` lines below; answers the line where the last one ends. */
  #group(gap: number): number {
    const { tokens } = this.#lexer
    const first = this.#token
    let last = first
    let endLine = tokens.line(first)
    while (this.#kind === COMMENT && tokens.line(this.#token) <= endLine + gap) {
      last = this.#token
      endLine = tokens.line(last) + this.#lineEndsIn(last)
      this.#token = this.#lexer.scan()
      this.#kind = tokens.kind(this.#token)
    }
    this.#comments.push({ first, last, owned: false })
    return endLine
  }

  #lineEndsIn(comment: number): number {
    const { tokens } = this.#lexer
    const { text } = this.#source
    const start = tokens.start(comment)
    if (text.charCodeAt(start + 1) !== 42) return 0
    const end = tokens.end(comment)
    let count = 0
    for (let at = start; at < end; at++) if (text.charCodeAt(at) === 10) count++
    return count
  }

  #lineOf(value: Value): number {
    return this.#lexer.tokens.line(value.kind === 'literal' ? value.token : value.open)
  }

  #text(token: number): string {
    const { tokens } = this.#lexer
    return this.#source.text.slice(tokens.start(token), tokens.end(token)).replaceAll('\r\n', '\n')
  }

  /** `opening`: the bracket that is still open, which is shown when the text ends too early. */
  #refuse(kind: ProblemKind, token: number, about = '', opening = -1): void {
    this.#stop = 'refused'
    const { tokens } = this.#lexer
    const { beyond } = this.#lexer.reader
    this.#refusal ??= explainProblem({
      kind,
      lines: this.#lines,
      start: tokens.start(token),
      end: tokens.end(token),
      beyond: tokens.kind(token) === EOF && tokens.start(token) === this.#source.text.length ? beyond : 0,
      got: tokenName(tokens.kind(token)),
      text: this.#text(token),
      about,
      ...(opening === -1 || tokens.kind(token) !== EOF ? {} : { opening: this.#lines.range(tokens.start(opening), tokens.end(opening)) }),
    })
  }
}
