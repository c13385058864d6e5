import { placeText, referenceText, textOf, type Action, type Step } from '../model/index.ts'
import { harmlessLine, type Colour, type Paint } from './paint.ts'
import { linesOf, textDiff, type DiffLine } from './text-diff.ts'
import { changeText, valueText } from './value-text.ts'

export interface StepStyle {
  readonly paint: Paint
  /** Show what a new object says, and not only that it is new. */
  readonly full: boolean
}

const SYMBOLS: Readonly<Record<Action, readonly [string, Colour]>> = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  move: ['>', 'yellow'],
  replace: ['-/+', 'red'],
  adopt: ['=', 'cyan'],
  delete: ['-', 'red'],
  forget: ['.', 'dim'],
}

export function symbolOf(step: Step, paint: Paint): string {
  const [symbol, colour] = SYMBOLS[step.action]
  return paint(colour, symbol.padStart(3))
}

const SIGNS: Readonly<Record<DiffLine['sign'], Colour | undefined>> = { '+': 'green', '-': 'red', '@': 'cyan', ' ': undefined, '\\': 'dim' }

const INDENT = '      '

/** One step with everything a reviewer needs. */
export function stepLines(step: Step, { paint, full }: StepStyle): readonly string[] {
  const from =
    step.from === undefined
      ? ''
      : `  ${paint('dim', step.from.start.offset === 0 ? step.from.file : placeText(step.from).replace(/:\d+$/, ''))}`
  return [
    `${symbolOf(step, paint)} ${paint('bold', harmlessLine(step.address))}${from}`,
    // Of many new objects, that they are new says the sign before them.
    ...(!full && step.action === 'create' && step.moved === 'new' && step.movedFrom === undefined
      ? []
      : [`${INDENT}${paint('dim', step.why)}`]),
    ...(step.loses === undefined ? [] : [`${INDENT}${paint('red', `loses ${step.loses}`)}`]),
    ...step.notes.map(note => `${INDENT}${paint('cyan', note)}`),
    ...bodyLines(step, paint, full).map(line => (line === '' ? '' : `${INDENT}${line}`)),
  ]
}

function bodyLines(step: Step, paint: Paint, full: boolean): readonly string[] {
  if (step.kind === 'policy') return policyLines(step, paint, full)
  if (step.action === 'create') return full ? [...step.changed, ...step.hidden].toSorted().map(name => newLine(step, name, paint)) : []
  if (step.action !== 'update' && step.action !== 'move' && step.action !== 'replace') return []
  return step.changed.map(name => `${paint('yellow', '~')} ${name}: ${attributeChange(step, name)}`)
}

function newLine(step: Step, name: string, paint: Paint): string {
  const value = step.hidden.includes(name) ? hiddenText(step, name) : valueText(name, step.after?.[name])
  return `${paint('green', '+')} ${name}: ${value}`
}

const hiddenText = (step: Step, name: string): string => {
  const reference = step.references[name]
  return reference === undefined ? '(hidden)' : `(hidden, from ${harmlessLine(referenceText(reference))})`
}

function attributeChange(step: Step, name: string): string {
  if (step.hidden.includes(name)) return hiddenText(step, name)
  return changeText(name, step.before?.[name], step.after?.[name])
}

function policyLines(step: Step, paint: Paint, full: boolean): readonly string[] {
  const [before, after] = [textOf(step.before?.['policy']), textOf(step.after?.['policy'])]
  if (step.action === 'create') return full ? linesOf(after).map(line => paint('green', `+${line}`)) : []
  if (step.action === 'delete') return full ? linesOf(before).map(line => paint('red', `-${line}`)) : []
  if (step.action !== 'update') return []
  return textDiff(before, after).map(({ sign, text }) => {
    const line = sign === '@' ? text : `${sign}${text}`
    const colour = SIGNS[sign]
    return colour === undefined ? line : paint(colour, line)
  })
}
