/** What a namespace may be called, in the peer's words where it is refused (advisory GHSA-mwr2-wmgp-crj6). */
import { goQuote } from '../../../kernel/index.ts'
import { faults } from '../../logical/index.ts'

/** First words of paths that every namespace has, and what the root one is called. */
const RESERVED: ReadonlySet<string> = new Set(['root', 'sys', 'audit', 'auth', 'cubbyhole', 'identity'])
const WILDCARDS = ['+', '*']

const refuse = (why: string): never => {
  throw faults.refused({ why })
}

/** One step of a path, without slashes at its ends; what no namespace can be called. */
export function stepOf(given: string): string {
  const name = given.replace(/^\/+|\/+$/g, '')
  if (name.includes('/')) refuse('namespace name cannot contain /')
  if (RESERVED.has(name)) refuse(`${goQuote(`${name}/`)} is a reserved path and cannot be used as a namespace name`)
  return name
}

/** The same, of one that is to be made. */
export function freshName(given: string): string {
  const name = stepOf(given)
  if (name === '' || name === '.' || name === '..') refuse('namespace name cannot be empty or relative')
  if (/\s/.test(name)) refuse(`${goQuote(name)} contains space characters that cannot be used in a namespace name`)
  const wildcard = WILDCARDS.find(it => name.includes(it))
  if (wildcard !== undefined) refuse(`${goQuote(name)} contains wildcard characters that cannot be used in a namespace name: '${wildcard}'`)
  return name
}

/** As headers spell namespaces: slashes at the ends and in a row do not count, `..` is a step back. */
export function cleanPath(given: string): readonly string[] {
  const steps: string[] = []
  for (const step of given.split('/')) {
    if (step === '..' && steps.length > 0) steps.pop()
    else if (step !== '' && step !== '.') steps.push(step)
  }
  return steps
}
