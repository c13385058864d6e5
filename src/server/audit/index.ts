/**
 * The audit log: entries as others read them, hashed for each device under a salt of its own, and the devices, one folder each.
 * Knows of a request only what an entry says. Must not know a mount, a token or a policy; who builds the entries is core.
 */
export { AuditLog, type AuditLogOptions, type DeclaredDevice } from './audit-log.ts'
export { type AuditDevice, type AuditDeviceKind, type AuditOptions, AuditRefused, plainReason } from './device.ts'
export {
  type AuditAuth,
  type AuditEntry,
  type AuditMount,
  type AuditPolicyResults,
  type AuditRequest,
  type AuditResponse,
} from './entry.ts'
export { formatOptions } from './format.ts'
