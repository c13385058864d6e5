/** A key that cannot be used. The message is for whoever gave it, in the field's words. */
export class OpenPgpError extends Error {
  /** The reason alone, which stands in the message too: some errors of the field show both. */
  readonly within: string

  constructor(message: string, { within = message, cause }: { readonly within?: string; readonly cause?: unknown } = {}) {
    super(message, { cause })
    this.within = within
  }

  static invalid(within: string): OpenPgpError {
    return new OpenPgpError(`error parsing given PGP key: openpgp: invalid data: ${within}`, { within })
  }
  static unsupported(within: string): OpenPgpError {
    return new OpenPgpError(`error parsing given PGP key: openpgp: unsupported feature: ${within}`, { within })
  }
}
