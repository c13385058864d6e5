import { type ConfigAttribute, parseConfig } from '../../hcl/index.ts'
import type { Checked, SourceFile, SourceRange } from '../../kernel/index.ts'
import { readAudit } from './audit.ts'
import { typedBlocks } from './block.ts'
import { type FileValues, fileWords, foreignBlocks, ownBlocks } from './file-words.ts'
import { codes, Findings } from './findings.ts'
import { readListener } from './listener.ts'
import { type KnownSeal, readSeal } from './seal.ts'
import type { AuditConfig, ListenerConfig, SealConfig, StorageConfig, UserLockoutConfig } from './server-config.ts'
import { type KnownStorage, readStorage } from './storage.ts'
import { readUserLockout } from './user-lockout.ts'
import { type Places, readWords, suggestion } from './word.ts'

/** What one file says; several make a configuration. */
export interface ConfigFile {
  readonly values: FileValues
  readonly places: Places
  readonly storage: StorageConfig | undefined
  readonly listeners: readonly ListenerConfig[]
  readonly seals: readonly SealConfig[]
  readonly audit: readonly AuditConfig[]
  readonly userLockout: Readonly<Record<string, UserLockoutConfig>>
}

/** What there is to choose from. */
export interface Known {
  readonly storages: readonly KnownStorage[]
  readonly seals: readonly KnownSeal[]
  /** Types of audit devices. */
  readonly auditTypes: readonly string[]
}

/** Reads one configuration file, in HCL or JSON. No value: what was found has an error in it. */
export function readConfigFile(file: SourceFile, { storages, seals, auditTypes }: Known): Checked<ConfigFile> {
  const parsed = parseConfig(file)
  if (parsed.value === undefined) return { findings: parsed.findings }
  const findings = new Findings()
  const attributes: ConfigAttribute[] = []
  const audit: AuditConfig[] = []
  const userLockout: Record<string, UserLockoutConfig> = {}
  const found: { storage?: StorageConfig; storageAt?: SourceRange; listeners: ListenerConfig[]; seals: SealConfig[] } = {
    listeners: [],
    seals: [],
  }
  for (const entry of parsed.value.entries) {
    const { name, nameAt } = entry
    if (Object.hasOwn(foreignBlocks, name))
      findings.error(codes.unsupportedBlock, `${name} is not supported: ${foreignBlocks[name] as string}`, nameAt)
    else if (name === 'audit') audit.push(...readAudit(entry, auditTypes, findings))
    else if (ownBlocks.includes(name)) for (const block of typedBlocks(entry)) readBlock(block)
    else if (entry.kind === 'attribute') attributes.push(entry)
    else if (Object.hasOwn(fileWords, name)) findings.error(codes.badValue, `${name} is no block`, nameAt, `write ${name} = …`)
    else findings.error(codes.unknownBlock, `unknown block "${name}"`, nameAt, suggestion(name, [...ownBlocks, ...Object.keys(fileWords)]))
  }

  function readBlock(block: ReturnType<typeof typedBlocks>[number]): void {
    const { name, nameAt } = block
    if (block.type === undefined) return findings.error(codes.badLabel, `${name} needs a type`, nameAt, `write ${name} "…" { … }`)
    if (name === 'listener') {
      const listener = readListener(block, findings)
      if (listener !== undefined) found.listeners.push(listener)
      return undefined
    }
    if (name === 'seal') {
      const seal = readSeal(block, seals, findings)
      if (seal !== undefined) found.seals.push(seal)
      return undefined
    }
    if (name === 'user_lockout') {
      const lockout = readUserLockout(block, findings)
      if (lockout !== undefined) userLockout[lockout[0]] = lockout[1]
      return undefined
    }
    if (found.storageAt !== undefined) return findings.error(codes.repeatedBlock, 'there is one storage, and it was given before', nameAt)
    found.storageAt = nameAt
    const storage = readStorage(block, storages, findings)
    if (storage !== undefined) found.storage = storage
    return undefined
  }

  const { values, places } = readWords(attributes, fileWords, '', findings)
  if (findings.list.some(it => it.severity === 'error')) return { findings: findings.list }
  return {
    value: { values, places, storage: found.storage, listeners: found.listeners, seals: found.seals, audit, userLockout },
    findings: findings.list,
  }
}
