/**
 * What turns an encrypted store into a secrets server: the pipeline of a request, mounts, tokens, leases, policies, unsealing.
 * Knows the framework, the barrier and the ports of logical; engines, auth methods and the system backend come in as arguments.
 * Must not know any of them, nor HTTP, files or the environment.
 */
export { createCore, type RunningCore } from './core.ts'
export { type CoreOptions, type Snapshots } from './core-options.ts'
