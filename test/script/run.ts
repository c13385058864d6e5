import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Step } from './transcript.ts'

export const lockstep: string = fileURLToPath(new URL('../../bin/lockstep', import.meta.url))

export interface Printed {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Where one person's commands run: a folder that is home and working folder, variables, and what was kept of answers. */
export interface Desk {
  readonly folder: string
  run(step: Pick<Step, 'words' | 'env' | 'stdin' | 'keep'>): Promise<Printed>
  clear(): void
}

export function openDesk(binary: string, env: Readonly<Record<string, string>>, files: Readonly<Record<string, string>> = {}): Desk {
  const folder = mkdtempSync(join(tmpdir(), 'lockstep-script-'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  const kept = new Map<string, string>()
  const filled = (text: string): string => text.replace(/<([a-z]\w*)>/g, (whole, name: string) => kept.get(name) ?? whole)
  return {
    folder,
    async run({ words, env: own, stdin, keep }) {
      const base = {
        PATH: process.env['PATH'] ?? '',
        HOME: folder,
        ...env,
        ...Object.fromEntries(Object.entries(own).map(([name, value]) => [name, filled(value)])),
      }
      const given = Object.fromEntries(Object.entries(base).filter(([, value]) => value !== ''))
      const printed = await execute(binary, words.map(filled), folder, given, stdin === undefined ? '' : filled(stdin))
      if (keep !== undefined) kept.set(keep, printed.stdout.trim())
      return printed
    },
    clear: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export function execute(
  binary: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  stdin: string,
): Promise<Printed> {
  return new Promise((done, fail) => {
    const child = spawn(binary, args, { cwd, env })
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
}

/** Values that two servers never have in common. All are as long on the one as on the other, so columns stay where they are. */
const CHANCE: readonly (readonly [RegExp, string])[] = [
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
  // Seconds that have passed meanwhile.
  [/\b((?:\d+h)?\d+m)5\d s?\b/g, '$1<seconds>'],
  [/\b(\d+h5\dm5\ds|5\dm5\ds|\d+h59m5\ds)\b/g, '<nearly whole>'],
  [/("ttl": |^ttl +|"lease_duration": )\d+[789]\d$/gm, '$1<nearly whole>'],
]

export const withoutChance = (text: string): string => CHANCE.reduce((left, [form, name]) => left.replace(form, name), text)
