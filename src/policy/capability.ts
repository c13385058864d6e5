import type { Capability } from '../hcl/policy/index.ts'

/** Capabilities as bits, because every request tests one and every merge unites some. */
export type CapabilityBits = number

const BIT: Readonly<Record<Capability, CapabilityBits>> = {
  create: 1,
  read: 2,
  update: 4,
  delete: 8,
  list: 16,
  scan: 32,
  patch: 64,
  sudo: 128,
  deny: 256,
}

export const DENY: CapabilityBits = BIT.deny
export const SUDO: CapabilityBits = BIT.sudo
/** The order in which the API lists them. */
const SORTED: readonly Capability[] = (Object.keys(BIT) as Capability[]).sort()

/** `deny` stands alone: beside it nothing else counts. */
export function capabilityBits(capabilities: readonly Capability[]): CapabilityBits {
  let bits = 0
  for (const capability of capabilities) bits |= BIT[capability]
  return (bits & DENY) === 0 ? bits : DENY
}

export const capabilityNames = (bits: CapabilityBits): readonly Capability[] => SORTED.filter(name => (bits & BIT[name]) !== 0)

/** What a request wants. `header` (HTTP HEAD) is known and never allowed by a rule. */
export type AccessOp =
  'read' | 'list' | 'scan' | 'create' | 'update' | 'patch' | 'delete' | 'help' | 'renew' | 'revoke' | 'rollback' | 'header'

const NEEDED: Readonly<Record<AccessOp, Capability | undefined>> = {
  read: 'read',
  list: 'list',
  scan: 'scan',
  create: 'create',
  update: 'update',
  patch: 'patch',
  delete: 'delete',
  renew: 'update',
  revoke: 'update',
  rollback: 'update',
  help: undefined,
  header: undefined,
}

/** Those that a client asks for; the others are the server's own. */
export const accessOps: readonly AccessOp[] = ['create', 'read', 'update', 'patch', 'delete', 'list', 'scan']

/** The capability that an operation needs; none for `help`, which is always allowed, and for `header`, which never is. */
export const neededCapability = (op: AccessOp): Capability | undefined => NEEDED[op]
export const capabilityBit = (capability: Capability): CapabilityBits => BIT[capability]
