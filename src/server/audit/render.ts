import { stringifyJson } from '../../kernel/index.ts'
import type { AuditAuth, AuditData, AuditEntry, AuditRequest, AuditResponse } from './entry.ts'
import type { AuditFormat } from './format.ts'
import type { Hasher } from './hasher.ts'

/** Which of the audited headers are to be hashed; the others of an entry stand in clear. */
export type HashedHeaders = (name: string) => boolean

/** The line of an entry for one device, with its end. */
export function renderEntry(entry: AuditEntry, format: AuditFormat, hasher: Hasher, hashed: HashedHeaders): string {
  const { time, type, error } = entry
  const hiding = new Hiding(entry, format, hasher, hashed)
  const line = {
    time: time.toISOString(),
    type,
    auth: hiding.auth(entry.auth),
    request: hiding.request(entry.request),
    ...(entry.response && { response: hiding.response(entry.response) }),
    ...(error !== undefined && { error }),
  }
  return `${format.prefix}${stringifyJson(line)}\n`
}

/** The places of an entry that hold secrets, one method a part. */
class Hiding {
  readonly #entry: AuditEntry
  readonly #format: AuditFormat
  readonly #hasher: Hasher
  readonly #hashed: HashedHeaders

  constructor(entry: AuditEntry, format: AuditFormat, hasher: Hasher, hashed: HashedHeaders) {
    this.#entry = entry
    this.#format = format
    this.#hasher = hasher
    this.#hashed = hashed
  }

  #token(text: string): string {
    return this.#format.raw ? text : this.#hasher.hashOften(text)
  }

  #accessor(text: string): string {
    return this.#format.hashAccessors ? this.#token(text) : text
  }

  #data(data: AuditData, clear: readonly string[] | undefined): unknown {
    return this.#format.raw ? data : this.#hasher.hashTree(data, clear)
  }

  auth(auth: AuditAuth): AuditAuth {
    const { client_token: token, accessor, ...rest } = auth
    return {
      ...(token !== undefined && { client_token: this.#token(token) }),
      ...(accessor !== undefined && accessor !== '' && { accessor: this.#accessor(accessor) }),
      ...rest,
    }
  }

  request(request: AuditRequest): unknown {
    const { client_token: token, client_token_accessor: accessor, data, headers } = request
    return {
      ...request,
      ...(token !== undefined && { client_token: this.#token(token) }),
      ...(accessor !== undefined && { client_token_accessor: this.#accessor(accessor) }),
      ...(data !== undefined && { data: this.#data(data, this.#entry.clearRequestKeys) }),
      ...(headers !== undefined && { headers: this.#headers(headers) }),
    }
  }

  /** What was asked to be hashed is hashed whatever the device says of the rest. */
  #headers(headers: NonNullable<AuditRequest['headers']>): AuditRequest['headers'] {
    return Object.fromEntries(
      Object.entries(headers).map(([name, values]) => [name, this.#hashed(name) ? values.map(it => this.#hasher.hash(it)) : values]),
    )
  }

  response(response: AuditResponse): unknown {
    const { auth, data, wrap_info: wrap } = response
    return {
      ...response,
      ...(auth !== undefined && { auth: this.auth(auth) }),
      ...(data !== undefined && { data: this.#data(this.#elided(data), this.#entry.clearResponseKeys) }),
      ...(wrap !== undefined && {
        wrap_info: {
          ...wrap,
          token: this.#token(wrap.token),
          accessor: this.#accessor(wrap.accessor),
          ...(wrap.wrapped_accessor !== undefined && { wrapped_accessor: this.#accessor(wrap.wrapped_accessor) }),
        },
      }),
    }
  }

  #elided(data: AuditData): AuditData {
    const { operation } = this.#entry.request
    if (!this.#format.elideLists || (operation !== 'list' && operation !== 'scan')) return data
    const { keys, key_info: info } = data
    return {
      ...data,
      ...(Array.isArray(keys) && { keys: keys.length }),
      ...(typeof info === 'object' && info !== null && { key_info: Object.keys(info).length }),
    }
  }
}
