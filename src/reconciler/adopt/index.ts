/**
 * The way back: what stands on a target as the files that describe it, and what drifted as changes of the files that are there.
 * Pure: knows shapes and the syntax of files, not the target, nor where files lie.
 */
export { driftFiles, type DriftFiles } from './drift-files.ts'
export { memberFile, mountFile, sectionFile, type FoundMount, type FoundObject } from './live-files.ts'
