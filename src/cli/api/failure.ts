import { ApiError, ClientMisconfigured, ClientUnreachable, errorsOf, type Answer } from '../../client/index.ts'
import { CommandFailed } from '../command.ts'
import type { Secret } from '../output/index.ts'

/** The server said no. Its message is laid out as the field's tools lay it out, for what reads their stderr. */
export class RequestFailed extends Error {
  readonly status: number
  /** Some refusals of KV v2 carry what there is of the secret. */
  readonly secret: Secret | undefined

  constructor(answer: Answer, secret?: Secret) {
    const namespace = answer.headers['x-vault-namespace'] ?? ''
    const errors = errorsOf(answer)
    super(
      [
        'Error making API request.',
        '',
        ...(namespace === '' || namespace === 'root/' ? [] : [`Namespace: ${namespace}`]),
        `URL: ${answer.method} ${answer.url}`,
        `Code: ${answer.status}. Errors:`,
        '',
        ...errors.map(it => `* ${it}`),
      ].join('\n'),
    )
    this.status = answer.status
    this.secret = secret
  }
}

export const isRequestFailure = (thrown: unknown): thrown is Error =>
  thrown instanceof RequestFailed ||
  thrown instanceof ApiError ||
  thrown instanceof ClientUnreachable ||
  thrown instanceof ClientMisconfigured

/** Does one step of a command; what the server or the network says to it ends the command behind "Error doing this: ". */
export async function attempt<T>(doing: string, work: () => Promise<T>, exitCode = 2): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (isRequestFailure(cause)) throw new CommandFailed(`${doing}: ${cause.message}`, exitCode, { cause })
    throw cause
  }
}
