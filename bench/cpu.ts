import { readFileSync } from 'node:fs'

/** Ticks of Linux' process accounting a second; the kernel's interface fixes it at 100. */
const TICKS = 100

/** Seconds of CPU that a process has used so far, in user and kernel mode, on all of its threads (proc(5), `stat`). */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS
}
