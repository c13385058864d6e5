import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatPolicy, parsePolicy } from '../src/hcl/index.ts'
import { lockstep } from '../test/contract/harness/server.ts'

/** A service's policy as teams write them: comments, five rules, 700 characters. */
const policyOf = (i: number): string => `# service ${i}: what it reads, and the credentials of its database
path "secret/data/team${i % 40}/svc${i}/*" {
  capabilities = ["read"]
}

path "secret/metadata/team${i % 40}/svc${i}/*" {
  capabilities = ["read", "list"] # names only
}

path "database/creds/svc${i}" {
  capabilities     = ["read"]
  max_wrapping_ttl = "1h"
}

# rotated by hand
path "secret/data/team${i % 40}/svc${i}/keys" {
  capabilities = ["create", "read", "update", "patch"]

  allowed_parameters = {
    "data"    = []
    "options" = []
  }
}

path "secret/data/team${i % 40}/svc${i}/admin/*" {
  capabilities = ["deny"]
}
`

/** Megabytes a second of CPU through a function, warm: the best of some rounds, because everything else only slows it down. */
function throughput(work: (text: string) => void, rounds = 12): number {
  const texts = Array.from({ length: 2_000 }, (_, i) => policyOf(i))
  const bytes = texts.reduce((sum, it) => sum + it.length, 0)
  const speeds = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage()
    for (const text of texts) work(text)
    const { user, system } = process.cpuUsage(start)
    return bytes / (user + system)
  })
  return Math.max(...speeds)
}

interface Ran {
  /** Seconds, those of the processes that it started included. */
  readonly cpu: number
  readonly wall: number
}

/** `times` of the shell knows what its children have used. */
function run(command: readonly string[], cwd: string): Ran {
  const start = process.hrtime.bigint()
  const { stdout } = spawnSync('/bin/sh', ['-c', '"$@" >/dev/null 2>&1; times', 'sh', ...command], { cwd, encoding: 'utf8' })
  const wall = Number(process.hrtime.bigint() - start) / 1e9
  const children = stdout.split('\n')[1] ?? ''
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  )
  return { cpu, wall }
}

/** The least of some runs by turns, so that both meet the same machine. */
function best(commands: readonly (readonly string[])[], cwd: string, rounds: number): readonly Ran[] {
  const runs = Array.from({ length: rounds }, () => commands.map(it => run(it, cwd)))
  return commands.map((_, i) => ({
    cpu: Math.min(...runs.map(it => it[i]?.cpu ?? Infinity)),
    wall: Math.min(...runs.map(it => it[i]?.wall ?? Infinity)),
  }))
}

/** 2,000 policies, three mounts, and 200 roles that give ten policies each. */
function repository(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-bench-'))
  for (const folder of ['engines', 'roles']) mkdirSync(join(dir, folder))
  writeFileSync(join(dir, 'engines/secret.yaml'), 'type: kv-v2\n')
  writeFileSync(join(dir, 'engines/database.yaml'), 'type: kv\n')
  const roles = Array.from({ length: 200 }, (_, role) => {
    const policies = Array.from({ length: 10 }, (_it, n) => `team${(role * 10 + n) % 40}/svc${role * 10 + n}`)
    return `  role${role}:\n    token_ttl: 1h\n    token_policies: [${policies.join(', ')}]\n`
  })
  writeFileSync(join(dir, 'roles/approle.yaml'), `type: approle\nroles:\n${roles.join('')}`)
  for (let i = 0; i < 2_000; i++) {
    mkdirSync(join(dir, `policies/team${i % 40}`), { recursive: true })
    writeFileSync(join(dir, `policies/team${i % 40}/svc${i}.hcl`), policyOf(i))
  }
  return dir
}

export interface LanguageNumbers {
  /** Megabytes a second. */
  readonly parse: number
  readonly format: number
  /** Seconds of CPU over 2,000 files, start included. */
  readonly fmtCheck: number
  readonly lint: number
  /** `policy fmt` of one file, by us and by the peer. */
  readonly one: Ran
  readonly peerOne: Ran | undefined
}

export function languageNumbers(bao: string | undefined): LanguageNumbers {
  const now = new Date()
  const parse = throughput(text => void parsePolicy({ name: 'p.hcl', text }, { now }))
  const format = throughput(text => void formatPolicy({ name: 'p.hcl', text: `${text}\n` }, { now }))
  const dir = repository()
  try {
    const [check, lint] = best(
      [
        [lockstep, 'fmt', '-check'],
        [lockstep, 'lint'],
      ],
      dir,
      5,
    ) as [Ran, Ran]
    const file = 'policies/team7/svc7.hcl'
    const peers = bao === undefined ? [] : [[bao, 'policy', 'fmt', file]]
    const [one, peerOne] = best([[lockstep, 'policy', 'fmt', file], ...peers], dir, 15) as [Ran, Ran | undefined]
    return { parse, format, fmtCheck: check.cpu, lint: lint.cpu, one, peerOne }
  } finally {
    rmSync(dir, { recursive: true })
  }
}
