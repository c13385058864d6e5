export interface Refusal {
  readonly status: number
  readonly errors: readonly string[]
  readonly method: string
  readonly path: string
}

/** The server answered, and the answer is a refusal or not one the API gives. Carries neither the token nor the body that was sent. */
export class ApiError extends Error {
  readonly status: number
  /** The reply's own `errors`; may be empty. */
  readonly errors: readonly string[]
  readonly method: string
  readonly path: string

  constructor({ status, errors, method, path }: Refusal) {
    super(`${method} ${path}: ${status}${errors.length === 0 ? '' : ` ${errors.join('; ')}`}`)
    this.name = 'ApiError'
    this.status = status
    this.errors = errors
    this.method = method
    this.path = path
  }
}

/** There was no answer: no connection, a broken one, no trust, too late. Whether the request was carried out is unknown. */
export class ClientUnreachable extends Error {
  readonly address: string

  constructor(address: string, why: string, because: { readonly cause?: unknown } = {}) {
    super(`${address}: ${why}`, because)
    this.name = 'ClientUnreachable'
    this.address = address
  }
}

/** The options make no client: an address, a certificate or a token that cannot be used. Nothing was sent. */
export class ClientMisconfigured extends Error {
  constructor(why: string, because: { readonly cause?: unknown } = {}) {
    super(why, because)
    this.name = 'ClientMisconfigured'
  }
}
