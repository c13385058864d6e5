import type { Clock, Log, Random, SecretBytes } from '../../kernel/index.ts'

/**
 * A way to divide a key among people, so that some of them together have it. Which share was given by whom, when there are
 * enough, and what the key opens, is core's.
 */
export interface KeySharing {
  /** `shares` of them, of which any `threshold` make the secret. They are secrets themselves, to be wiped when handed out. */
  split(secret: SecretBytes, shares: number, threshold: number, random: Random): readonly Uint8Array[]
  /** With too few shares, or with one of another set, the result is not the secret, and nothing here can tell. */
  combine(shares: readonly Uint8Array[]): SecretBytes
}

/** A key as a keeper gave it back: it can be kept anywhere. */
export interface Wrapped {
  /** Which of the keeper's keys it lies under. No secret. */
  readonly keyId: string
  /** Of the keeper's own form. */
  readonly blob: string
}

/** Something outside that guards a key by itself, so that the server unseals without people. */
export interface KeyKeeper {
  readonly type: string
  /** Wraps it under the newest of its keys. Rejects with a SealError. */
  wrap(key: SecretBytes): Promise<Wrapped>
  /** Rejects with a SealError. The result is the caller's to wipe. */
  unwrap(wrapped: Wrapped): Promise<SecretBytes>
  /** Ends what runs in the background, and forgets its own keys. */
  close(): void
}

export interface KeyKeeperPorts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** A variable of the environment: what must not stand in a file may stand there. */
  readonly environment: (name: string) => string | undefined
}

/** A kind of keeper, as the registry lists it. */
export interface KeyKeeperKind {
  readonly type: string
  readonly doc: string
  readonly options: readonly KeyKeeperOption[]
  /** Rejects with a SealError when the configuration cannot be used. Asks nobody outside yet. */
  open(options: Readonly<Record<string, string>>, ports: KeyKeeperPorts): Promise<KeyKeeper>
}

export interface KeyKeeperOption {
  readonly name: string
  readonly doc: string
  /** Variables that it is taken from when it is not given. */
  readonly variables?: readonly string[]
}

/** What a keeper cannot do. The message names no secret. */
export class SealError extends Error {}

/** Options as given, or from the environment. */
export function withVariables(
  kind: KeyKeeperKind,
  options: Readonly<Record<string, string>>,
  environment: KeyKeeperPorts['environment'],
): Readonly<Record<string, string>> {
  const found = kind.options.flatMap(({ name, variables = [] }) => {
    const value = options[name] || variables.map(environment).find(it => it !== undefined && it !== '')
    return value === undefined ? [] : [[name, value] as const]
  })
  return Object.fromEntries(found)
}
