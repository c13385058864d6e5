import { GitHubFailure } from '../../reconciler/github/index.ts'
import { CommandFailed } from '../command.ts'

function asCommandFailed(cause: unknown): never {
  if (cause instanceof GitHubFailure) throw new CommandFailed(cause.message, 1, { cause })
  throw cause
}

/** What GitHub refuses ends the command with its message. @throws CommandFailed */
export function failed<T>(work: () => T): T {
  try {
    return work()
  } catch (cause) {
    return asCommandFailed(cause)
  }
}

export const orGitHubFailed = async <T>(work: () => Promise<T>): Promise<T> => await work().catch(asCommandFailed)
