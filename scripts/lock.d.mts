/** Runs `work` while holding the lock file at `path`; waits for whoever holds it, and takes it over from a process that is gone. */
export function withLock<T>(path: string, work: () => T | Promise<T>, onWait?: (pid: number) => void): Promise<T>
