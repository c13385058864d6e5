import { nearest } from '../../kernel/index.ts'
import { nodeWords, type SourceNode } from '../model/index.ts'
import type { Attribute } from './attribute.ts'

const WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  name: 'a name: letters, digits, _, with . and - inside',
  int: 'a whole number that is not negative',
  ints: 'a list of whole numbers',
  number: 'a number that is not negative',
  bool: 'true or false',
  duration: 'a duration such as 90s, 1h30m, 2d or 3600',
  strings: 'a list of texts',
  pairs: 'a map of texts',
  map: 'a map',
  object: 'a map',
  list: 'a list',
  time: 'a time such as 2026-01-02T15:04:05Z',
}

export const wordsOf = ({ field }: Attribute): readonly string[] | undefined => field.publishes['enum'] as readonly string[] | undefined

/** What an attribute expects, and, for a word that was probably mistyped, which one was meant. */
export function expectation(attribute: Attribute, found: SourceNode): string {
  const words = wordsOf(attribute)
  if (words === undefined) {
    const isText = found.is === 'scalar' && typeof found.value === 'string'
    return `expected ${WORDS[attribute.field.kind] ?? 'another value'}${isText ? '' : `, found ${nodeWords(found)}`}`
  }
  const shown = words.filter(it => it !== '').join(', ')
  const near = found.is === 'scalar' && typeof found.value === 'string' ? nearest(found.value, words) : undefined
  return `expected one of ${shown}${near === undefined || near === '' ? '' : `; did you mean ${near}?`}`
}

/**
 * The API reads nearly anything as nearly anything, since its command line sends texts only. In a file that is reviewed,
 * `token_num_uses: true` is a mistake and not the number one.
 */
export function isOutOfPlace(attribute: Attribute, node: SourceNode): boolean {
  switch (attribute.field.kind) {
    case 'string':
    case 'name':
    case 'time':
      return node.is !== 'scalar' || typeof node.value === 'boolean'
    case 'int':
    case 'duration':
    case 'number':
      return node.is !== 'scalar' || typeof node.value === 'boolean' || node.value === ''
    case 'bool':
      return node.is !== 'scalar' || typeof node.value === 'number' || node.value === ''
    case 'strings':
      return node.is === 'map' || (node.is === 'list' ? node.items : [node]).some(it => it.is !== 'scalar' || !isTextual(it.value))
    case 'pairs':
      return node.is !== 'map' || node.entries.some(it => it.value.is !== 'scalar' || it.value.value === null)
    case 'map':
    case 'object':
      return node.is !== 'map'
    default:
      return false
  }
}

const isTextual = (value: string | number | boolean | null): boolean => typeof value === 'string' || typeof value === 'number'
