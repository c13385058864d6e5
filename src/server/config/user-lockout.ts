import type { Seconds } from '../../kernel/index.ts'
import type { TypedBlock } from './block.ts'
import { codes, type Findings } from './findings.ts'
import type { UserLockoutConfig } from './server-config.ts'
import { readWords, suggestion, word, type Words } from './word.ts'

interface Values {
  readonly lockout_threshold?: number
  readonly lockout_duration?: Seconds
  readonly lockout_counter_reset?: Seconds
  readonly disable_lockout?: boolean
}
const words: Words<Values> = {
  lockout_threshold: word.whole(1),
  lockout_duration: word.span,
  lockout_counter_reset: word.span,
  disable_lockout: word.bool,
}

const TYPES = ['all', 'approle', 'ldap', 'userpass']

/** `user_lockout "userpass" { … }`: when failed logins lock a user out, by type of auth method, or for all of them. */
export function readUserLockout(block: TypedBlock, findings: Findings): readonly [string, UserLockoutConfig] | undefined {
  const { type, typeAt, more, body } = block
  if (!TYPES.includes(type)) {
    findings.error(codes.badLabel, `user_lockout "${type}" is not known`, typeAt, `expected one of ${TYPES.join(', ')}`)
    return undefined
  }
  const name = `user_lockout "${type}"`
  for (const at of more) findings.error(codes.badLabel, `${name} takes no second label`, at)
  const attributes = body.entries.flatMap(it => (it.kind === 'attribute' ? [it] : []))
  for (const it of body.entries)
    if (it.kind === 'block')
      findings.error(codes.unknownBlock, `${name}: unknown block "${it.name}"`, it.nameAt, suggestion(it.name, Object.keys(words)))
  const { values } = readWords(attributes, words, name, findings)
  return [
    type,
    {
      ...(values.lockout_threshold !== undefined && { threshold: values.lockout_threshold }),
      ...(values.lockout_duration !== undefined && { duration: values.lockout_duration }),
      ...(values.lockout_counter_reset !== undefined && { counterReset: values.lockout_counter_reset }),
      ...(values.disable_lockout !== undefined && { disable: values.disable_lockout }),
    },
  ]
}
