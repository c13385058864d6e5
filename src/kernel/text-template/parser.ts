import { goQuote } from '../go-quote.ts'
import { constantOf, unquote } from './constant.ts'
import { tokensOf } from './lexer.ts'
import type { Token } from './token.ts'
import type { Command, Operand, Pipeline, Statement } from './tree.ts'

/** What is wrong with a template, in the words of the peer. */
export class TemplateFailure extends Error {}

export interface Template {
  readonly text: string
  readonly body: readonly Statement[]
  readonly defined: ReadonlyMap<string, readonly Statement[]>
}

/**
 * Parses the template language of the API's own templates (Go's text/template).
 * @throws TemplateFailure
 */
export const parseTemplate = (text: string, functions: ReadonlySet<string>): Template => new Parser(text, functions).template()

type Ending = 'end' | 'else' | 'eof'

class Parser {
  readonly #text: string
  readonly #functions: ReadonlySet<string>
  readonly #tokens: readonly Token[]
  readonly #defined = new Map<string, readonly Statement[]>()
  #next = 0
  #variables: string[] = ['$']
  #ranges = 0
  /** Line in which the current action began, 0 outside. */
  #actionLine = 0

  constructor(text: string, functions: ReadonlySet<string>) {
    this.#text = text
    this.#functions = functions
    this.#tokens = tokensOf(text)
  }

  template(): Template {
    const body: Statement[] = []
    while (this.#peek().kind !== 'end') {
      if (this.#definition()) continue
      const statement = this.#statement()
      if (typeof statement === 'string') throw this.#failure(`unexpected {{${statement}}}`)
      body.push(statement)
    }
    return { text: this.#text, body, defined: this.#defined }
  }

  #definition(): boolean {
    if (this.#peek().kind !== 'open') return false
    const begin = this.#next
    this.#take()
    const word = this.#takeNonSpace()
    if (word.kind !== 'keyword' || word.text !== 'define') {
      this.#next = begin
      return false
    }
    const outer = this.#variables
    this.#variables = ['$']
    const name = this.#string('define clause')
    this.#expectClose('define clause')
    this.#define(name, 'define clause')
    this.#variables = outer
    return true
  }

  #define(name: string, context: string): void {
    const { statements, ending } = this.#statements()
    if (ending !== 'end') throw this.#failure(`unexpected {{${ending}}} in ${context}`)
    const before = this.#defined.get(name)
    if (before !== undefined && !isEmpty(before) && !isEmpty(statements)) {
      throw this.#failure(`template: multiple definition of template ${goQuote(name)}`)
    }
    if (before === undefined || isEmpty(before)) this.#defined.set(name, statements)
  }

  /** Up to `{{end}}` or `{{else}}`, which is consumed. */
  #statements(): { readonly statements: readonly Statement[]; readonly ending: Ending } {
    const statements: Statement[] = []
    while (this.#peekNonSpace().kind !== 'end') {
      const statement = this.#statement()
      if (typeof statement === 'string') return { statements, ending: statement }
      statements.push(statement)
    }
    throw this.#failure('unexpected EOF')
  }

  #statement(): Statement | 'end' | 'else' {
    const token = this.#takeNonSpace()
    if (token.kind === 'text') return { is: 'text', text: token.text, at: token.at }
    if (token.kind !== 'open') throw this.#unexpected(token, 'input')
    this.#actionLine = this.#lineOf(token.at)
    const statement = this.#action()
    this.#actionLine = 0
    return statement
  }

  #action(): Statement | 'end' | 'else' {
    const word = this.#takeNonSpace()
    if (word.kind === 'keyword') {
      switch (word.text) {
        case 'if':
        case 'with':
        case 'range':
          return this.#control(word.text, word.at)
        case 'end':
          this.#expectClose('end')
          return 'end'
        case 'else': {
          const next = this.#peekNonSpace()
          if (next.kind !== 'keyword' || (next.text !== 'if' && next.text !== 'with')) this.#expectClose('else')
          return 'else'
        }
        case 'template': {
          const { at } = this.#peekNonSpace()
          const name = this.#string('template clause')
          const pipeline = this.#peekNonSpace().kind === 'close' ? undefined : this.#pipeline('template clause', 'close')
          if (pipeline === undefined) this.#takeNonSpace()
          return { is: 'template', name, pipeline, at }
        }
        case 'block': {
          const { at } = this.#peekNonSpace()
          const name = this.#string('block clause')
          const pipeline = this.#pipeline('block clause', 'close')
          const outer = this.#variables
          this.#variables = ['$']
          this.#define(name, 'block clause')
          this.#variables = outer
          return { is: 'template', name, pipeline, at }
        }
        case 'break':
        case 'continue': {
          const context = `{{${word.text}}}`
          const close = this.#takeNonSpace()
          if (close.kind !== 'close') throw this.#unexpected(close, context)
          if (this.#ranges === 0) throw this.#failure(`${context} outside {{range}}`)
          return { is: word.text, at: word.at }
        }
      }
    }
    this.#next--
    const before = this.#variables.length
    const pipeline = this.#pipeline('command', 'close')
    return { is: 'action', pipeline, at: this.#variables.length > before ? word.at : pipeline.at }
  }

  #control(is: 'if' | 'with' | 'range', at: number): Statement {
    const known = this.#variables.length
    const pipeline = this.#pipeline(is, 'close')
    if (is === 'range') this.#ranges++
    const { statements: body, ending } = this.#statements()
    if (is === 'range') this.#ranges--
    let otherwise: readonly Statement[] | undefined
    if (ending === 'else') {
      const next = this.#peekNonSpace()
      if (next.kind === 'keyword' && next.text === is && is !== 'range') {
        // `{{else if}}` is an if inside the else, and one {{end}} ends both.
        this.#takeNonSpace()
        otherwise = [this.#control(is, next.at)]
      } else {
        const rest = this.#statements()
        if (rest.ending !== 'end') throw this.#failure(`expected end; found {{${rest.ending}}}`)
        otherwise = rest.statements
      }
    }
    this.#variables.length = known
    return { is, pipeline, body, otherwise, at }
  }

  #pipeline(context: string, end: 'close' | ')'): Pipeline {
    const begin = this.#peekNonSpace()
    const { variables, declares } = this.#assignments(context)
    const commands: Command[] = []
    for (;;) {
      const token = this.#takeNonSpace()
      if (token.kind === 'close' ? end === 'close' : token.kind === 'mark' && token.text === end) {
        this.#checkPipeline(commands, context)
        return { variables, declares, commands, at: begin.at }
      }
      if (!startsOperand(token)) throw this.#unexpected(token, context)
      this.#next--
      commands.push(this.#command())
    }
  }

  /** `$x :=`, `$x =` and, for a range, `$i, $x :=`. */
  #assignments(context: string): Pick<Pipeline, 'variables' | 'declares'> {
    const variables: string[] = []
    for (;;) {
      const begin = this.#next
      const token = this.#peekNonSpace()
      if (token.kind !== 'variable') return { variables, declares: false }
      this.#takeNonSpace()
      const mark = this.#peekNonSpace()
      if (mark.kind === 'mark' && (mark.text === ':=' || mark.text === '=')) {
        this.#takeNonSpace()
        variables.push(token.text)
        this.#variables.push(...variables)
        return { variables, declares: mark.text === ':=' }
      }
      if (mark.kind === 'mark' && mark.text === ',') {
        this.#takeNonSpace()
        variables.push(token.text)
        const next = this.#peekNonSpace()
        if (context !== 'range' || variables.length > 1) throw this.#failure(`too many declarations in ${context}`)
        if (next.kind === 'variable') continue
        throw this.#failure(`range can only initialize variables`)
      }
      this.#next = begin
      return { variables, declares: false }
    }
  }

  #checkPipeline(commands: readonly Command[], context: string): void {
    if (commands.length === 0) throw this.#failure(`missing value for ${context}`)
    const plain = commands.findIndex((it, i) => i > 0 && ['constant', 'dot', 'nil'].includes(it.operands[0].is))
    if (plain > 0) throw this.#failure(`non executable command in pipeline stage ${plain + 1}`)
  }

  #command(): Command {
    const operands: Operand[] = []
    const { at } = this.#peekNonSpace()
    for (;;) {
      this.#peekNonSpace()
      const operand = this.#operand()
      if (operand !== undefined) operands.push(operand)
      const token = this.#take()
      if (token.kind === 'space') continue
      if (token.kind === 'close' || (token.kind === 'mark' && token.text === ')')) this.#next--
      else if (token.kind !== 'mark' || token.text !== '|') throw this.#unexpected(token, 'operand')
      break
    }
    const [first, ...others] = operands
    if (first === undefined) throw this.#failure('empty command')
    return { operands: [first, ...others], at }
  }

  #operand(): Operand | undefined {
    const term = this.#term()
    if (term === undefined || this.#peek().kind !== 'field') return term
    const { at } = this.#peek()
    const names: string[] = []
    while (this.#peek().kind === 'field') names.push(this.#take().text.slice(1))
    if (term.is === 'field') return { ...term, names: [...term.names, ...names], at }
    if (term.is === 'variable') return { ...term, names: [...term.names, ...names], at }
    if (term.is === 'constant' || term.is === 'nil' || term.is === 'dot') {
      const written = term.is === 'constant' ? term.written : term.is === 'dot' ? '.' : 'nil'
      throw this.#failure(`unexpected . after term ${goQuote(written)}`)
    }
    return { is: 'chain', of: term, names, at }
  }

  #term(): Operand | undefined {
    const token = this.#takeNonSpace()
    const { at, text } = token
    switch (token.kind) {
      case 'word':
        if (!this.#functions.has(text)) throw this.#failure(`function ${goQuote(text)} not defined`)
        return { is: 'function', name: text, at }
      case 'dot':
        return { is: 'dot', at }
      case 'nil':
        return { is: 'nil', at }
      case 'variable':
        this.#checkVariable(text)
        return { is: 'variable', name: text, names: [], at }
      case 'field':
        return { is: 'field', names: [text.slice(1)], at }
      case 'bool':
        return { is: 'constant', value: text === 'true', written: text, at }
      case 'number':
      case 'char': {
        const value = constantOf(text)
        if (value === 'overflow') throw this.#failure(`integer overflow: ${goQuote(text)}`)
        if (value === undefined) throw this.#failure(badNumber(text))
        return { is: 'constant', value, written: text, at }
      }
      case 'string': {
        const value = unquote(text)
        if (value === undefined) throw this.#failure('invalid syntax')
        return { is: 'constant', value, written: text, at }
      }
      case 'mark':
        if (text === '(') return { is: 'pipeline', pipeline: this.#pipeline('parenthesized pipeline', ')'), at }
        break
      default:
    }
    this.#next--
    return undefined
  }

  #checkVariable(name: string): void {
    if (!this.#variables.includes(name)) throw this.#failure(`undefined variable ${goQuote(name)}`)
  }

  #string(context: string): string {
    const token = this.#takeNonSpace()
    const value = token.kind === 'string' ? unquote(token.text) : undefined
    if (value === undefined) throw this.#unexpected(token, context)
    return value
  }

  #expectClose(context: string): void {
    const token = this.#takeNonSpace()
    if (token.kind !== 'close') throw this.#unexpected(token, context)
  }

  #peek(): Token {
    return this.#tokens[Math.min(this.#next, this.#tokens.length - 1)] as Token
  }

  #take(): Token {
    const token = this.#peek()
    this.#next++
    return token
  }

  #takeNonSpace(): Token {
    let token = this.#take()
    while (token.kind === 'space') token = this.#take()
    return token
  }

  /** Blanks before it are gone then. */
  #peekNonSpace(): Token {
    const token = this.#takeNonSpace()
    this.#next--
    return token
  }

  #unexpected(token: Token, context: string): TemplateFailure {
    if (token.kind === 'error') {
      const line = this.#lineOf(token.at)
      if (this.#actionLine === 0 || this.#actionLine === line) return this.#failure(token.text)
      const started = ` started at template:${this.#actionLine}`
      return this.#failure(`${token.text}${token.text.endsWith(' action') ? started : ` in action${started}`}`)
    }
    return this.#failure(`unexpected ${showToken(token)} in ${context}`)
  }

  #failure(message: string): TemplateFailure {
    const token = this.#tokens[Math.min(Math.max(this.#next - 1, 0), this.#tokens.length - 1)]
    return new TemplateFailure(`template: template:${this.#lineOf(token?.at ?? 0)}: ${message}`)
  }

  #lineOf(at: number): number {
    return this.#text.slice(0, at).split('\n').length
  }
}

const badNumber = (text: string): string =>
  !text.startsWith("'")
    ? `illegal number syntax: ${goQuote(text)}`
    : text.length > 2 && unquote(text) !== undefined
      ? `malformed character constant: ${text}`
      : 'invalid syntax'

/** Nothing but blanks: such a definition gives way to another. */
const isEmpty = (statements: readonly Statement[]): boolean => statements.every(it => it.is === 'text' && it.text.trim() === '')

const startsOperand = ({ kind, text }: Token): boolean =>
  ['bool', 'char', 'dot', 'field', 'word', 'number', 'nil', 'string', 'variable'].includes(kind) || (kind === 'mark' && text === '(')

function showToken({ kind, text }: Token): string {
  if (kind === 'end') return 'EOF'
  if (kind === 'keyword' || kind === 'nil' || kind === 'dot') return `<${text}>`
  const letters = Array.from(text)
  return letters.length > 10 ? `${goQuote(letters.slice(0, 10).join(''))}...` : goQuote(text)
}
