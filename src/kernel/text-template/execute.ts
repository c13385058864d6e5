import { Buffer } from 'node:buffer'
import { goQuote } from '../go-quote.ts'
import { builtIns } from './built-ins.ts'
import { type Template, TemplateFailure } from './parser.ts'
import { type Command, type Operand, type Pipeline, showCommand, showOperand, showPipeline, type Statement } from './tree.ts'
import {
  bounded,
  isMap,
  isTrue,
  type Param,
  printed,
  sortedKeys,
  TemplateTrouble,
  type TemplateFunction,
  type TemplateFunctions,
  typeName,
  type Value,
  type ValueMap,
} from './value.ts'

/** A template that calls itself, or loops in loops, ends with a failure rather than with the process. */
const MAX_DEPTH = 500
const MAX_STEPS = 100_000
/** Characters that its functions may make, and it may write, in all. */
const MAX_MADE = 1024 * 1024

/**
 * The text that a template makes of some data. A failure says where, which is the last place that was looked at.
 * @throws TemplateFailure
 */
/**
 * What to say of names that the data has not, which otherwise are merely absent: the data is a struct, whose type has this name and
 * just these fields; or no map may be asked for a key that it has not.
 */
export type Strictness = { readonly struct: string } | 'keys'

export function executeTemplate(template: Template, data: ValueMap, functions: TemplateFunctions, strictness?: Strictness): string {
  const struct = typeof strictness === 'object' ? { data, name: strictness.struct } : undefined
  const run = new Run(template, { ...builtIns, ...functions }, struct, strictness === 'keys')
  run.whole(data)
  return run.output
}

type Signal = 'break' | 'continue' | undefined
interface Variable {
  readonly name: string
  value: Value
}
/** A value that a stage of a pipeline hands to the next, which is its last argument. */
type Final = { readonly value: Value } | undefined

/** What is being worked on; a failure names the last of these. */
interface Spot {
  readonly at: number
  readonly show: () => string
}

class Run {
  output = ''
  readonly #template: Template
  readonly #struct: { readonly data: ValueMap; readonly name: string } | undefined
  readonly #functions: TemplateFunctions
  readonly #strictKeys: boolean
  #name = 'template'
  #variables: Variable[] = []
  #spot: Spot = { at: 0, show: () => '' }
  #depth = 0
  #steps = 0
  #made = 0

  constructor(
    template: Template,
    functions: TemplateFunctions,
    struct: { readonly data: ValueMap; readonly name: string } | undefined,
    strictKeys: boolean,
  ) {
    this.#strictKeys = strictKeys
    this.#template = template
    this.#functions = functions
    this.#struct = struct
  }

  whole(data: Value): void {
    this.#variables = [{ name: '$', value: data }]
    this.#statements(this.#template.body, data)
  }

  #statements(list: readonly Statement[], dot: Value): Signal {
    for (const statement of list) {
      const signal = this.#statement(statement, dot)
      if (signal !== undefined) return signal
    }
    return undefined
  }

  #statement(statement: Statement, dot: Value): Signal {
    if (++this.#steps > MAX_STEPS) throw this.#failure(`exceeded the ${MAX_STEPS} steps of a template`)
    switch (statement.is) {
      case 'text':
        this.#write(statement.text)
        return undefined
      case 'break':
      case 'continue':
        return statement.is
      case 'template':
        this.#call(statement, dot)
        return undefined
      case 'action': {
        const value = this.#pipeline(statement.pipeline, dot)
        if (statement.pipeline.variables.length === 0) this.#write(value === undefined || value === null ? '<no value>' : printed(value))
        return undefined
      }
      default:
        return this.#control(statement, dot)
    }
  }

  #write(text: string): void {
    this.#spend(text.length)
    this.output += text
  }

  #spend(length: number): void {
    this.#made += length
    if (this.#made > MAX_MADE) throw this.#failure(`made more than ${MAX_MADE} characters`)
  }

  #control(statement: Extract<Statement, { is: 'if' | 'with' | 'range' }>, dot: Value): Signal {
    const known = this.#variables.length
    let signal: Signal
    if (statement.is === 'range') signal = this.#range(statement, dot)
    else {
      const value = this.#pipeline(statement.pipeline, dot)
      const chosen = isTrue(value) ? statement.body : statement.otherwise
      if (chosen !== undefined) signal = this.#statements(chosen, statement.is === 'with' && isTrue(value) ? value : dot)
    }
    this.#variables.length = known
    return signal
  }

  #range({ pipeline, body, otherwise }: Extract<Statement, { is: 'if' | 'with' | 'range' }>, dot: Value): Signal {
    const over = this.#pipeline(pipeline, dot)
    const known = this.#variables.length
    const entries = this.#entries(over, pipeline)
    for (const [key, value] of entries) {
      this.#setLoopVariables(pipeline, key, value)
      const signal = this.#statements(body, value)
      this.#variables.length = known
      if (signal === 'break') break
    }
    return entries.length === 0 && otherwise !== undefined ? this.#statements(otherwise, dot) : undefined
  }

  /** The pipeline made its variables already, in order; the last holds the element, the one before it the key. */
  #setLoopVariables({ variables, declares }: Pipeline, key: Value, value: Value): void {
    const values = variables.length > 1 ? [key, value] : [value]
    for (const [i, name] of variables.entries()) {
      if (declares) (this.#variables.at(i - variables.length) as Variable).value = values[i]
      else this.#set(name, values[i])
    }
  }

  #entries(over: Value, { variables }: Pipeline): readonly (readonly [Value, Value])[] {
    if (isMap(over)) return sortedKeys(over).map(key => [key, over[key]] as const)
    if (over === undefined || over === null) return []
    if (typeof over !== 'number' || !Number.isInteger(over)) throw this.#failure(`range can't iterate over ${printed(over)}`)
    if (variables.length > 1) throw this.#failure(`can't use ${over} to iterate over more than one variable`)
    return Array.from({ length: Math.min(Math.max(over, 0), MAX_STEPS) }, (_, i) => [i, i] as const)
  }

  #call({ at, name, pipeline }: Extract<Statement, { is: 'template' }>, dot: Value): void {
    this.#spot = { at, show: () => `{{template ${goQuote(name)}${pipeline === undefined ? '' : ` ${showPipeline(pipeline)}`}}}` }
    const body = this.#template.defined.get(name)
    if (body === undefined) throw this.#failure(`template ${goQuote(name)} not defined`)
    if (this.#depth >= MAX_DEPTH) throw this.#failure(`exceeded maximum template depth (${MAX_DEPTH})`)
    const value = pipeline === undefined ? undefined : this.#pipeline(pipeline, dot)
    const outer = { name: this.#name, variables: this.#variables }
    this.#name = name
    this.#variables = [{ name: '$', value }]
    this.#depth++
    this.#statements(body, value)
    this.#depth--
    this.#name = outer.name
    this.#variables = outer.variables
  }

  #pipeline(pipeline: Pipeline, dot: Value): Value {
    this.#spot = { at: pipeline.at, show: () => showPipeline(pipeline) }
    let final: Final
    for (const command of pipeline.commands) final = { value: this.#command(command, dot, final) }
    const value = final?.value
    for (const name of pipeline.variables) {
      if (pipeline.declares) this.#variables.push({ name, value })
      else this.#set(name, value)
    }
    return value
  }

  #set(name: string, value: Value): void {
    this.#variable(name).value = value
  }

  #variable(name: string): Variable {
    const known = this.#variables.findLast(it => it.name === name)
    if (known === undefined) throw this.#failure(`undefined variable: ${name}`)
    return known
  }

  #command(command: Command, dot: Value, final: Final): Value {
    const [first, ...rest] = command.operands
    if (first.is === 'function') return this.#function(first, command, rest, dot, final)
    const given = rest.length > 0 || final !== undefined
    if (first.is !== 'pipeline') this.#visit(first)
    if (first.is === 'pipeline' || first.is === 'constant' || first.is === 'dot' || first.is === 'nil') {
      if (given) throw this.#failure(`can't give argument to non-function ${showOperand(first)}`)
      if (first.is === 'nil') throw this.#failure('nil is not a command')
    }
    return this.#value(first, dot, given)
  }

  #value(operand: Operand, dot: Value, given = false): Value {
    switch (operand.is) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'constant':
        return operand.value
      case 'field':
        this.#visit(operand)
        return this.#fields(dot, operand.names, given)
      case 'variable': {
        this.#visit(operand)
        const { value } = this.#variable(operand.name)
        if (operand.names.length === 0 && given) throw this.#failure(`can't give argument to non-function ${showOperand(operand)}`)
        return this.#fields(value, operand.names, given)
      }
      case 'pipeline':
        return this.#pipeline(operand.pipeline, dot)
      case 'chain':
        this.#visit(operand)
        this.#visit(operand.of)
        return this.#fields(this.#value(operand.of, dot), operand.names, given)
      case 'function':
        return this.#function(operand, operand, [], dot, undefined)
    }
  }

  /** `given`: arguments follow, which only a method could take. */
  #fields(from: Value, names: readonly string[], given: boolean): Value {
    let value = from
    for (const [i, name] of names.entries()) {
      if (value === undefined) return undefined
      if (value === null) throw this.#failure(`nil data; no entry for key ${goQuote(name)}`)
      if (!isMap(value)) throw this.#failure(`can't evaluate field ${name} in type ${i > 0 ? 'interface {}' : typeName(value)}`)
      if (value === this.#struct?.data && !Object.hasOwn(value, name))
        throw this.#failure(`can't evaluate field ${name} in type ${this.#struct.name}`)
      if (this.#strictKeys && !Object.hasOwn(value, name)) throw this.#failure(`map has no entry for key ${goQuote(name)}`)
      if (given && i === names.length - 1) throw this.#failure(`${name} is not a method but has arguments`)
      value = Object.hasOwn(value, name) ? value[name] : undefined
    }
    return value
  }

  #function(word: Operand & { is: 'function' }, whole: Command | Operand, operands: readonly Operand[], dot: Value, final: Final): Value {
    this.#visit(word)
    const { name } = word
    const made = this.#functions[name]
    if (made === undefined) throw this.#failure(`${goQuote(name)} is not a defined function`)
    const count = operands.length + (final === undefined ? 0 : 1)
    this.#checkCount(name, made, count)
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, operands, dot, final)
    const args = operands.map((it, i) => this.#argument(it, paramAt(made, i), dot))
    if (final !== undefined) args.push(this.#checked(final.value, paramAt(made, operands.length)))
    try {
      const value = (made.call as (...args: readonly Value[]) => Value)(...args)
      if (typeof value === 'string') this.#spend(bounded(value.length))
      return value
    } catch (trouble) {
      if (!(trouble instanceof TemplateTrouble)) throw trouble
      this.#spot = { at: whole.at, show: () => ('operands' in whole ? showCommand(whole) : showOperand(whole)) }
      throw this.#failure(`error calling ${name}: ${trouble.message}`)
    }
  }

  #checkCount(name: string, { params, variadic = false }: TemplateFunction, count: number): void {
    const least = variadic ? params.length - 1 : params.length
    if (count === params.length || (variadic && count >= least)) return
    throw this.#failure(`wrong number of args for ${name}: want ${variadic ? `at least ${least}` : least} got ${count}`)
  }

  /** `and` and `or` stop at the operand that decides. */
  #shortCircuit(name: 'and' | 'or', operands: readonly Operand[], dot: Value, final: Final): Value {
    let value: Value
    for (const operand of operands) {
      value = this.#argument(operand, 'any', dot)
      if (isTrue(value) === (name === 'or')) return value
    }
    return final === undefined ? value : final.value
  }

  #argument(operand: Operand, param: Param, dot: Value): Value {
    this.#visit(operand)
    if (operand.is === 'constant' && param !== 'any' && !isOf(param, operand.value)) {
      throw this.#failure(`expected ${param === 'int' ? 'integer' : 'string'}; found ${operand.written}`)
    }
    if (operand.is === 'nil' && param !== 'any') throw this.#failure(`cannot assign nil to ${param}`)
    return this.#checked(this.#value(operand, dot), param)
  }

  #checked(value: Value, param: Param): Value {
    if (param === 'any') return value
    if (value === undefined || value === null) throw this.#failure(`invalid value; expected ${param}`)
    if (!isOf(param, value)) throw this.#failure(`wrong type for value; expected ${param}; got ${typeName(value)}`)
    return value
  }

  #visit(operand: Operand): void {
    this.#spot = { at: operand.at, show: () => showOperand(operand) }
  }

  #failure(message: string): TemplateFailure {
    const before = this.#template.text.slice(0, this.#spot.at)
    const line = before.split('\n').length
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))
    return new TemplateFailure(
      `template: template:${line}:${column}: executing ${goQuote(this.#name)} at <${this.#spot.show()}>: ${message}`,
    )
  }
}

const isOf = (param: Exclude<Param, 'any'>, value: Value): boolean => typeName(value) === param
const paramAt = ({ params }: TemplateFunction, i: number): Param => params[Math.min(i, params.length - 1)] ?? 'any'
