/** Names for users, by the template of the connection or of its plugin. */
import { createHash } from 'node:crypto'
import { parseTextTemplate, runTextTemplate, TemplateFailure, type Clock, type Random, type Template } from '../../../kernel/index.ts'

export interface NameFacts {
  readonly displayName: string
  readonly roleName: string
}

/** What the peer's messages call the facts. */
const FACTS_TYPE = 'dbplugin.UsernameMetadata'
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** @throws Error in the peer's words */
export function parseNames(text: string): Template {
  return worded('unable to parse template: ', () => parseTextTemplate(text))
}

/** @throws Error in the peer's words */
export function nameFrom(
  template: Template,
  { displayName, roleName }: NameFacts,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
): string {
  const ports = {
    now: clock.now(),
    randomText: (length: number): string => randomText(random, length),
    uuid: (): string => random.uuid(),
    sha256: (text: string): string => createHash('sha256').update(text).digest('hex'),
  }
  const facts = { DisplayName: displayName, RoleName: roleName }
  return worded('unable to apply template: ', () => runTextTemplate(template, facts, ports, { struct: FACTS_TYPE }))
}

/** Each equally likely: bytes over the last full multiple of their number are thrown away. */
function randomText(random: Random, length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of random.bytes(length + 8)) {
      if (byte < 248 && text.length < length) text += BASE62[byte % 62]
    }
  }
  return text
}

function worded<T>(before: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (cause instanceof TemplateFailure) throw new Error(before + cause.message, { cause })
    throw cause
  }
}
