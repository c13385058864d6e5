/** Second factors of logins: how people show them (methods), and who has to (enforcements). */
import type { WireObject } from '../../schema/index.ts'
import type { NamespaceRef } from './namespaces.ts'

/** Codes of an authenticator app. Spans in seconds. */
export interface MfaMethod {
  readonly id: string
  /** Empty: it has none. */
  readonly name: string
  readonly issuer: string
  readonly algorithm: 'SHA1' | 'SHA256' | 'SHA512'
  readonly digits: number
  readonly period: number
  readonly skew: number
  readonly keySize: number
  readonly qrSize: number
  readonly maxValidationAttempts: number
}
export type MfaMethodWish = Omit<MfaMethod, 'id'>

/** Which logins need one of the methods: any of the four says so. */
export interface MfaEnforcement {
  readonly id: string
  readonly name: string
  readonly methodIds: readonly string[]
  readonly accessors: readonly string[]
  readonly types: readonly string[]
  readonly groupIds: readonly string[]
  readonly entityIds: readonly string[]
}
/** What is absent stays as it was. */
export interface MfaEnforcementWish {
  readonly methodIds: readonly string[]
  readonly accessors?: readonly string[] | undefined
  readonly types?: readonly string[] | undefined
  readonly groupIds?: readonly string[] | undefined
  readonly entityIds?: readonly string[] | undefined
}

/** What somebody shows, by the id or name of a method: codes, each alone or behind `passcode=`; null: that method is passed over. */
export type MfaCredentials = ReadonlyMap<string, readonly string[] | null>

/** Of one namespace. Every refusal is a fault in the peer's words. */
export interface MfaPort {
  readonly namespace: NamespaceRef
  methods(): Promise<readonly MfaMethod[]>
  /** Of this namespace or one above it. */
  method(id: string): Promise<MfaMethod | undefined>
  /** Gives its id; undefined when there is none of that id. Without an id, a name that is there already is that method. */
  writeMethod(id: string | undefined, wish: MfaMethodWish): Promise<string | undefined>
  /** Absent is success. Refused while an enforcement names it. */
  deleteMethod(id: string): Promise<void>
  enforcements(): Promise<readonly MfaEnforcement[]>
  enforcement(name: string): Promise<MfaEnforcement | undefined>
  writeEnforcement(name: string, wish: MfaEnforcementWish): Promise<void>
  deleteEnforcement(name: string): Promise<void>
  /** A secret for an entity, told once; undefined when it has one already. */
  generate(method: MfaMethod, entityId: string): Promise<{ readonly url: string; readonly barcode: string } | undefined>
  /** Absent is success. */
  destroy(method: MfaMethod, entityId: string): Promise<void>
  /** Ends a login that waits for its second factor. */
  validate(requestId: string, credentials: MfaCredentials): Promise<MfaLogin>
}
/** A token, as its login would have shown it. */
export interface MfaLogin {
  readonly auth: WireObject
  readonly accessor: string
  readonly warnings: readonly string[]
}
