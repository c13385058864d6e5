import { AuditRefused, type AuditOptions } from './device.ts'

/** How a device wants its entries: the options that all kinds share. */
export interface AuditFormat {
  /** Nothing is hashed. */
  readonly raw: boolean
  /** Accessors are hashed. */
  readonly hashAccessors: boolean
  /** Of a listing only the number of keys is told. */
  readonly elideLists: boolean
  /** Stands in front of each line. */
  readonly prefix: string
}

export const formatOptions: Readonly<Record<string, string>> = {
  log_raw: 'Show secrets in clear. For a machine on which there are none.',
  hmac_accessor: 'Whether accessors are hashed (true).',
  elide_list_responses: 'Of the keys that a listing answers, tell only the number.',
  format: '`json`, the only one.',
  prefix: 'Text in front of each line, where the server’s configuration allows it.',
}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

/** @throws AuditRefused */
export function readFormat(options: AuditOptions, prefixAllowed: boolean): AuditFormat {
  const { format = 'json', prefix = '' } = options
  if (prefix !== '' && !prefixAllowed) throw new AuditRefused('audit log prefixing is not allowed')
  if (format === 'jsonx')
    throw new AuditRefused('jsonx formatting has been removed, consider switching to json by omitting "format" or setting it to "json"')
  if (format !== 'json') throw new AuditRefused(`unknown format type ${JSON.stringify(format)}`)
  return {
    hashAccessors: flagOf(options['hmac_accessor'], true),
    raw: flagOf(options['log_raw'], false),
    elideLists: flagOf(options['elide_list_responses'], false),
    prefix,
  }
}

function flagOf(text: string | undefined, otherwise: boolean): boolean {
  if (text === undefined) return otherwise
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw new AuditRefused(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}
