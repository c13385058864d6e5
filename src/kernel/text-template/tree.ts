export interface Place {
  /** In UTF-16 units of the text. */
  readonly at: number
}

export type Operand = Place &
  (
    | { readonly is: 'dot' }
    | { readonly is: 'nil' }
    | { readonly is: 'constant'; readonly value: string | number | boolean; readonly written: string }
    | { readonly is: 'field'; readonly names: readonly string[] }
    | { readonly is: 'variable'; readonly name: string; readonly names: readonly string[] }
    | { readonly is: 'function'; readonly name: string }
    | { readonly is: 'pipeline'; readonly pipeline: Pipeline }
    | { readonly is: 'chain'; readonly of: Operand; readonly names: readonly string[] }
  )

/** A word and what it is given. */
export interface Command extends Place {
  readonly operands: readonly [Operand, ...Operand[]]
}

/** Commands, each given the result of the one before; variables take the last. */
export interface Pipeline extends Place {
  readonly variables: readonly string[]
  /** `:=` makes the variables, `=` sets ones that are there. */
  readonly declares: boolean
  readonly commands: readonly Command[]
}

export type Statement = Place &
  (
    | { readonly is: 'text'; readonly text: string }
    | { readonly is: 'action'; readonly pipeline: Pipeline }
    | {
        readonly is: 'if' | 'with' | 'range'
        readonly pipeline: Pipeline
        readonly body: readonly Statement[]
        readonly otherwise: readonly Statement[] | undefined
      }
    | { readonly is: 'template'; readonly name: string; readonly pipeline: Pipeline | undefined }
    | { readonly is: 'break' | 'continue' }
  )

const names = (parts: readonly string[]): string => parts.map(it => `.${it}`).join('')

/** As messages quote it: the text again, with single blanks. */
export function showOperand(operand: Operand): string {
  switch (operand.is) {
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'constant':
      return operand.written
    case 'field':
      return names(operand.names)
    case 'variable':
      return operand.name + names(operand.names)
    case 'function':
      return operand.name
    case 'pipeline':
      return showPipeline(operand.pipeline)
    case 'chain':
      return showCommand({ operands: [operand.of], at: operand.at }) + names(operand.names)
  }
}

export const showCommand = (command: Command): string =>
  command.operands.map(it => (it.is === 'pipeline' ? `(${showOperand(it)})` : showOperand(it))).join(' ')

export function showPipeline({ variables, declares, commands }: Pipeline): string {
  const made = variables.length === 0 ? '' : `${variables.join(', ')} ${declares ? ':=' : '='} `
  return made + commands.map(showCommand).join(' | ')
}
