/**
 * Mounts of secrets engines and auth methods: both tables are read in one request each; type, locality and the like cannot be
 * changed in place, everything else is tuned. Knows what mounts look like; no other kind, and nothing of what lives on a mount.
 */
export { mountKind } from './mount-kind.ts'
export { observeMounts, type ObservedMounts } from './observe.ts'
