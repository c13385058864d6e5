import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runLine } from '../cli/context.ts'
import type { Step } from './transcript.ts'

export interface Printed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface Place {
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
  readonly stdin: string
}

/** How a command line is run. */
export type Tool = (args: readonly string[], place: Place) => Promise<Printed>

/** Our own command line, in this process: half the time of the comparison would go into starting it. `own.test.ts` starts it. */
export const ours: Tool = (args, { folder, env, stdin }) => runLine(args, { env, stdin, cwd: folder, home: folder })

/** Any executable. */
export const theirs =
  (binary: string): Tool =>
  (args, { folder, env, stdin }) =>
    new Promise((done, fail) => {
      const child = spawn(binary, args, { cwd: folder, env })
      const out: Buffer[] = []
      const err: Buffer[] = []
      child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
      child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
      child.on('error', fail)
      child.on('close', code =>
        done({ code: code ?? -1, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') }),
      )
      // A command that does not read its stdin may be gone before it is written.
      child.stdin.on('error', () => undefined)
      child.stdin.end(stdin)
    })

/** Where one person's commands run: a folder that is home and working folder, variables, and what was kept of answers. */
export interface Desk extends Disposable {
  readonly folder: string
  run(step: Pick<Step, 'words' | 'env' | 'stdin' | 'keep'>): Promise<Printed>
}

export function openDesk(tool: Tool, env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-script-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const kept = new Map<string, string>()
  const filled = (text: string): string => text.replace(/<([a-z]\w*)>/g, (whole, name: string) => kept.get(name) ?? whole)
  return {
    folder,
    async run({ words, env: own, stdin, keep }) {
      const all = { PATH: process.env['PATH'] ?? '', HOME: folder, ...env, ...own }
      const given = Object.entries(all).flatMap(([name, value]) => (value === '' ? [] : [[name, filled(value)] as const]))
      const printed = await tool(words.map(filled), { folder, env: Object.fromEntries(given), stdin: filled(stdin ?? '') })
      if (keep !== undefined) kept.set(keep, printed.stdout.trim())
      return printed
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Values that two servers never have in common. All are as long on the one as on the other, so columns stay where they are. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
  // The id of a namespace: in a table of one, in JSON and YAML, in a table of several, at the end of an accessor.
  [/(?<=\bid"?:? +"?)[A-Za-z0-9]{6}\b/g, '<id>'],
  [/\b[A-Za-z0-9]{6}(?= +(?:true|false)\b)/g, '<id>'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '<uuid>'],
  [/\b(hv)?[sb]\.[A-Za-z0-9_-]{24,}/g, '<token>'],
  [/vault-cluster-[0-9a-f]{8}/g, '<cluster>'],
  [/\b([a-z][a-z0-9-]*(?:_[a-z]+)*)_[0-9a-f]{8}\b/g, '<accessor of $1>'],
  [/(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{43}=/g, '<base64>'],
  [/\b[0-9a-f]{66}\b/g, '<hex>'],
  [/\b(?=[A-Za-z0-9]*[A-Z])(?=[A-Za-z0-9]*[a-z])[A-Za-z0-9]{24}\b/g, '<random>'],
  [/\bh[0-9a-f]{64}\b/g, '<salted>'],
  [/127\.0\.0\.1:\d+/g, '<address>'],
  [/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z| \+0000 UTC)/g, '<time>'],
  [/\d\d [A-Z][a-z]{2} \d\d \d\d:\d\d UTC/g, '<time>'],
  [/"(creation_time|expire_time|issue_time)": \d{9,}/g, '"$1": <time>'],
  [/^(creation_time) +\d{9,}$/gm, '$1 <time>'],
]

/** What is left of a life shrinks from second to second. */
const RUNNING: readonly (readonly [RegExp, string])[] = [
  [/("ttl": )\d+/g, '$1<some time>'],
  [/^ttl +(\d+[hms])+$/gm, 'ttl <some time>'],
  [/("server_time_utc": )\d+/g, '$1<time>'],
]

export const withoutChance = (text: string): string =>
  [...CHANCE, ...RUNNING].reduce((left, [form, name]) => left.replace(form, name), text)
