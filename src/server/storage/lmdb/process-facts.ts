/** What tells one process from another, also after its number has been given away again, and whether it lives. */
import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import process from 'node:process'

export interface ProcessFacts {
  readonly pid: number
  /** Ticks between the machine's start and the process's; 0 where the system does not tell. */
  readonly started: number
  /** Changes with every start of the machine; '' where the system does not tell. */
  readonly boot: string
  /** A container has numbers of its own, which mean nothing outside. */
  readonly namespace: string
  readonly host: string
}

export function thisProcess(): ProcessFacts {
  return {
    pid: process.pid,
    started: startOf(process.pid) ?? 0,
    boot: read(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()) ?? '',
    namespace: read(() => readlinkSync('/proc/self/ns/pid')) ?? '',
    host: hostname(),
  }
}

/** Undefined when it cannot be seen from here whether the process lives. */
export function isAlive(other: ProcessFacts, own: ProcessFacts): boolean | undefined {
  if (other.host !== own.host) return undefined
  if (other.boot !== own.boot) return false
  if (other.namespace !== own.namespace) return undefined
  const started = startOf(other.pid)
  if (started !== undefined) return started === other.started
  return own.started === 0 && takesSignals(other.pid)
}

/** Field 22 of /proc/<pid>/stat, counted behind the command, which may contain anything. */
function startOf(pid: number): number | undefined {
  const stat = read(() => readFileSync(`/proc/${pid}/stat`, 'utf8'))
  if (stat === undefined) return undefined
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // A zombie has ended; only its parent has not asked yet.
  return fields[0] === 'Z' ? undefined : Number(fields[19])
}

/** For systems without /proc. Signal 0 is never delivered. */
function takesSignals(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function read<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch {
    return undefined
  }
}
