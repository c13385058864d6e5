import type { Seconds } from '../../kernel/index.ts'
import type { WireObject } from '../../schema/index.ts'
import type { CorsConfig, RekeyPort, RootGenerationPort } from './ports.ts'
import type { Fault } from './faults.ts'
import type { OpName } from './operation.ts'
import type { RawBody } from './backend.ts'

/** One API request as http hands it to core: bytes parsed, limits kept, path cleaned; nothing decided. */
export interface CoreRequest {
  /** Shown as `request_id`. */
  readonly id: string
  readonly op: OpName | 'help'
  /** Below /v1/, percent-decoded, no leading slash; a list need not end in '/'. */
  readonly path: string
  /** Of the X-Vault-Namespace header, '' for the root. */
  readonly namespace: string
  /** Body of writes and patches, query of everything else. Null-safe: own properties only. */
  readonly data: WireObject
  readonly token: string | undefined
  readonly wrap: { readonly ttl: Seconds; readonly format: 'token' | 'jwt' } | undefined
  readonly remoteAddress: string
  /** The port that it comes from; absent where there is none (a Unix socket, a call from inside). */
  readonly remotePort?: number | undefined
  /** The values of a header, by its lower-case name; asked only for those that audit records. Absent for a call from inside. */
  readonly valuesOf?: (name: string) => readonly string[] | undefined
  /** The body as it comes, where it is too large to be parsed: `data` is empty then. */
  readonly incoming?: AsyncIterable<Uint8Array> | undefined
  /** A body that is no text (an OCSP request), as it came; `data` is empty then. */
  readonly bytes?: Uint8Array | undefined
  readonly signal: AbortSignal
}

/** The envelope of a logical answer, in wire form and in the peer's order of keys. */
export interface ReplyEnvelope {
  readonly request_id: string
  readonly lease_id: string
  readonly renewable: boolean
  readonly lease_duration: number
  readonly data: WireObject | null
  readonly wrap_info: WireObject | null
  readonly warnings: readonly string[] | null
  readonly auth: WireObject | null
}

/** What core answers. Whatever stops a request is thrown as a fault, which http renders as `{"errors":[…]}`. */
export type CoreReply =
  | {
      readonly is: 'envelope'
      readonly status: number
      readonly envelope: ReplyEnvelope
      /** Also printed beside the envelope's keys. */ readonly topLevel?: WireObject
    }
  | { readonly is: 'bare'; readonly status: number; readonly body: WireObject }
  | { readonly is: 'empty'; readonly status: number }
  | { readonly is: 'raw'; readonly status: number; readonly contentType: string; readonly body: RawBody; readonly maxAge?: Seconds }

/** `sys/seal-status`, as it is on the wire but for the version words, which http adds. */
export interface SealStatus {
  readonly type: string
  readonly initialized: boolean
  readonly sealed: boolean
  /** Threshold. */
  readonly t: number
  /** Shares. */
  readonly n: number
  readonly progress: number
  readonly nonce: string
  readonly migration: boolean
  /** Its shares are those of a recovery key. */
  readonly recoverySeal: boolean
  readonly storageType: string
  readonly clusterName?: string
  readonly clusterId?: string
}

export interface InitParameters {
  readonly secretShares: number
  readonly secretThreshold: number
  /** In place of the others, where the server unseals by itself. */
  readonly recoveryShares?: number
  readonly recoveryThreshold?: number
  /** Public keys to encrypt the shares with, one each, and the token. */
  readonly pgpKeys?: readonly string[]
  readonly rootTokenPgpKey?: string
}

export interface InitResult {
  /** The shares, lower-case hex. */
  readonly keys: readonly string[]
  readonly keysBase64: readonly string[]
  /** The token; or, where it was asked for encrypted, the message in base64. */
  readonly rootToken: string
}

/** What the endpoints do that work without a token, and partly while sealed. Refusals are faults. */
export interface Operator {
  initialised(): Promise<boolean>
  initialise(parameters: InitParameters): Promise<InitResult>
  sealStatus(): SealStatus
  /** One share, hex or base64 as the client sent it. `migrate`: the seal is to be changed to the one that is configured. */
  unseal(key: string, migrate?: boolean): Promise<SealStatus>
  /** Forgets the shares given so far. */
  resetUnseal(): SealStatus
  /** The rest of a path that leads into a namespace below the root one; undefined: it does not. Throws when that one is locked. */
  inNamespace(header: string, path: string): string | undefined
  /** Rejects with the fault `sealed` when it is. */
  rootGeneration(): RootGenerationPort
  rekey(): RekeyPort
  /** Of the recovery key; undefined where there is none. */
  recoveryRekey(): RekeyPort | undefined
  /** Does `work` between the two audit entries of a request that goes by no mount. */
  audited<T>(request: CoreRequest, work: () => Promise<T>): Promise<T>
}

/** What the gate says of a request. */
export type Passing = {
  /** For the answer, whatever becomes of it. */
  readonly headers: Readonly<Record<string, string>>
} & ({ readonly refused: false } | { readonly refused: true; readonly fault: Fault; readonly audited: boolean })

/** What every request has to pass before more of it is read than its head. */
export interface Gate {
  /** Whether logins at this path are counted by their roles: then the body has to be read first. */
  asksForRole(path: string): boolean
  /** `path` as core will be asked for it, a listing with its final slash. `data`: of a login that is counted by its role. */
  pass(path: string, address: string, data: WireObject | undefined): Passing | Promise<Passing>
}

/** The whole server without HTTP. */
export interface Core {
  readonly operator: Operator
  /** Undefined as long as nothing has to be counted. */
  readonly gate?: Gate | undefined
  /** Undefined as long as no web page may talk to this server: then nobody's origin is looked at. */
  readonly cors?: CorsConfig | undefined
  /** Writes to the audit log of a request that the gate refused. Never rejects. */
  refusedAtGate?(request: CoreRequest, fault: Fault): Promise<void>
  handle(request: CoreRequest): Promise<CoreReply>
  /** Stops timers, lets running work end, seals, closes the store. */
  close(): Promise<void>
}
