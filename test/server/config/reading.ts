import type { Checked, Diagnostic } from '../../../src/kernel/index.ts'
import {
  type ConfigFile,
  type Known,
  type KnownSeal,
  type KnownStorage,
  mergeConfig,
  readConfigFile,
  type ServerConfig,
} from '../../../src/server/config/index.ts'

const storages: readonly KnownStorage[] = [
  { type: 'inmem', options: [] },
  {
    type: 'lmdb',
    options: [
      { name: 'path', required: true },
      { name: 'map_size', required: false },
    ],
  },
]

const seals: readonly KnownSeal[] = [
  { type: 'static', options: [{ name: 'current_key' }, { name: 'current_key_id' }] },
  { type: 'transit', options: [{ name: 'key_name' }] },
]

export const known: Known = { storages, seals, auditTypes: ['file', 'socket'] }

export const reading = (text: string, name: string = 'server.hcl'): Checked<ConfigFile> => readConfigFile({ name, text }, known)

/** Several files, made one; the findings of all. */
export function configOf(...texts: readonly string[]): Checked<ServerConfig> {
  const files = texts.map((text, n) => reading(text, texts.length === 1 ? 'server.hcl' : `${n + 1}.hcl`))
  const findings = files.flatMap(it => it.findings)
  if (findings.some(it => it.severity === 'error')) return { findings }
  const { value, findings: more } = mergeConfig(files.map(it => it.value as ConfigFile))
  return { ...(value !== undefined && { value }), findings: [...findings, ...more] }
}

/** `3:5 error CONF1001: unknown key "x" (did you mean "y"?)` */
export function shown({ at, severity, code, summary, detail }: Diagnostic): string {
  const place = at === undefined ? '-' : `${at.start.line}:${at.start.column}`
  return `${place} ${severity} ${code}: ${summary}${detail === undefined ? '' : ` (${detail})`}`
}

export const storage = 'storage "inmem" {}\n'
export const plain = 'listener "tcp" { tls_disable = true }\n'
