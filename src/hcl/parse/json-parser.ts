import type { SourceFile } from '../../kernel/index.ts'
import {
  BOOL,
  COLON,
  COMMA,
  EOF,
  FLOAT,
  JsonLexer,
  LBRACE,
  LBRACK,
  LineIndex,
  NULL,
  NUMBER,
  RBRACE,
  RBRACK,
  STRING,
  tokenName,
} from '../lex/index.ts'
import { explainLexProblems, explainProblem, type JsonProblemKind } from './explain.ts'
import { flattened } from './flatten.ts'
import { MAX_DEPTH } from './limits.ts'
import type { Parsed, Refusal } from './refusal.ts'
import type { HclTree, Item, List, Literal, ObjectValue, Value } from './tree.ts'

/**
 * Parses the JSON form as leniently as the server does: what follows the object, closing braces that are missing, commas too many
 * and booleans in lists all pass without a word. Objects that hold only objects become items with several keys, as HCL's
 * labelled blocks are.
 */
export function parseJsonForm(source: SourceFile): Parsed<HclTree> {
  return new JsonParser(source).parse()
}

type Stop = 'refused' | 'end'

class JsonParser {
  readonly #source: SourceFile
  readonly #lexer: JsonLexer
  readonly #lines: LineIndex
  #token = -1
  #kind = EOF
  #depth = 0
  #stop: Stop | undefined
  #refusal: Refusal | undefined

  constructor(source: SourceFile) {
    this.#source = source
    this.#lexer = new JsonLexer(source.text)
    this.#lines = new LineIndex(source)
  }

  parse(): Parsed<HclTree> {
    const root = this.#root()
    const { problems } = this.#lexer.reader
    if (problems.length > 0) return { ok: false, refusals: explainLexProblems(this.#source, this.#lines, problems, 'json') }
    const items = root === undefined ? undefined : flattened(root.items)
    if (root !== undefined && items === undefined) this.#refuse('json-too-deep')
    if (items === undefined) return { ok: false, refusals: this.#refusal === undefined ? [] : [this.#refusal] }
    return {
      ok: true,
      value: {
        source: this.#source,
        dialect: 'json',
        tokens: this.#lexer.tokens,
        lines: this.#lines,
        items,
        comments: [],
        unfinished: undefined,
      },
    }
  }

  #root(): ObjectValue | undefined {
    if (this.#scan() === LBRACE) return this.#object()
    return this.#refuse('json-object-expected')
  }

  #scan(): number {
    this.#token = this.#lexer.scan()
    this.#kind = this.#lexer.tokens.kind(this.#token)
    return this.#kind
  }

  /** Behind the `{`. A refusal that came at a `}` counts as the end of the object. */
  #object(): ObjectValue | undefined {
    const open = this.#token
    if (this.#tooDeep()) return undefined
    const items: Item[] = []
    for (;;) {
      const item = this.#item()
      if (item === undefined) {
        if (this.#stop === 'refused' && this.#kind !== RBRACE) return undefined
        this.#stop = undefined
        this.#refusal = undefined
        break
      }
      items.push(item)
      if (this.#scan() !== COMMA) break
    }
    this.#depth--
    return { kind: 'object', open, close: this.#token, items }
  }

  #item(): Item | undefined {
    const keys: number[] = []
    for (;;) {
      const kind = this.#scan()
      if (kind === STRING) keys.push(this.#token)
      else if (kind === EOF) return this.#end()
      else if (kind === COLON && keys.length > 0) break
      else return this.#refuse('json-key-expected')
    }
    const assign = this.#token
    const value = this.#value()
    return value === undefined ? undefined : { kind: 'item', keys, assign, value, lead: undefined, tail: undefined }
  }

  #value(): Value | undefined {
    switch (this.#scan()) {
      case FLOAT:
      case NUMBER:
      case BOOL:
      case NULL:
      case STRING:
        return this.#literal()
      case LBRACE:
        return this.#object()
      case LBRACK:
        return this.#list()
      case EOF:
        return this.#end()
    }
    return this.#refuse('json-value-expected')
  }

  #literal(): Literal {
    return { kind: 'literal', token: this.#token, lead: undefined, tail: undefined }
  }

  /** Behind the `[`. A boolean is dropped, and so is the bracket of a list inside, so that its `]` ends the outer one. */
  #list(): List | undefined {
    const open = this.#token
    const elements: Value[] = []
    for (;;) {
      switch (this.#scan()) {
        case NUMBER:
        case FLOAT:
        case STRING:
          elements.push(this.#literal())
          continue
        case COMMA:
        case BOOL:
        case LBRACK:
          continue
        case LBRACE: {
          const object = this.#object()
          if (object === undefined) return undefined
          elements.push(object)
          continue
        }
        case RBRACK:
          return { kind: 'list', open, close: this.#token, elements }
      }
      return this.#refuse('json-element-expected')
    }
  }

  #tooDeep(): boolean {
    if (this.#depth >= MAX_DEPTH) {
      this.#refuse('json-too-deep')
      return true
    }
    this.#depth++
    return false
  }

  #end(): undefined {
    this.#stop = 'end'
  }

  #refuse(kind: JsonProblemKind): undefined {
    this.#stop = 'refused'
    const { tokens } = this.#lexer
    const [start, end] = [tokens.start(this.#token), tokens.end(this.#token)]
    const got = tokens.kind(this.#token)
    const beyond = got === EOF && start === this.#source.text.length ? this.#lexer.reader.beyond : 0
    const text = this.#source.text.slice(start, end)
    this.#refusal = explainProblem({ kind, lines: this.#lines, start, end, beyond, got: tokenName(got), text, about: '' })
  }
}
