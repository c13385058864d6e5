import { Buffer } from 'node:buffer'
import { parseTextTemplate, runTextTemplate, TemplateFailure, type TemplatePorts } from '../../kernel/index.ts'

const FILTER = 'list_scan_response_keys_filter_path'

/** The server draws two at random (base 62); these are as different as two such, also in their first letters and in any case. */
const KEYS = ['5N7tMZYWyjunIbjtCkQXgPBwwG3gLpU1', 'hV2bRz8eKdq0TfLsA4mYxJc6oWiU9vGE'] as const

/** What the server would say against a list filter; undefined when it accepts it: two keys must give two paths. */
export function checkFilterTemplate(template: string, path: string): string | undefined {
  let applies = false
  try {
    const parsed = parseTextTemplate(template)
    applies = true
    const ports = stand()
    const [one, other] = KEYS.map(key => runTextTemplate(parsed, { path, key }, ports))
    return one === other ? `${FILTER} resulted in same path for two different keys` : undefined
  } catch (failure) {
    if (!(failure instanceof TemplateFailure)) throw failure
    return applies
      ? `failed to validate ${FILTER}: unable to apply template: ${failure.message}`
      : `unable to compile template for ${FILTER}: unable to parse template: ${failure.message}`
  }
}

/** Chance and hashes never give the same twice, and need not be real for that. */
function stand(): TemplatePorts {
  let count = 0
  const next = (): string => String(++count)
  return {
    now: new Date(0),
    randomText: length => next().padStart(length, '0'),
    uuid: () => `00000000-0000-0000-0000-${next().padStart(12, '0')}`,
    sha256: text => Buffer.from(text).toString('hex').padEnd(64, '0'),
  }
}
