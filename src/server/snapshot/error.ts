/** What is no archive of ours, or no whole one. */
export class SnapshotUnreadable extends Error {}
