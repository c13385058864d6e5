import type { TypedBlock } from './block.ts'
import { codes, type Findings } from './findings.ts'
import type { SealConfig } from './server-config.ts'
import { textOf } from './storage.ts'
import { suggestion } from './word.ts'

/** What a seal takes, as its registry entry says. */
export interface KnownSeal {
  readonly type: string
  readonly options: readonly { readonly name: string }[]
}

/** Seals of the field, whose name in a file deserves better than "unknown". */
const FOREIGN = new Set(['awskms', 'azurekeyvault', 'gcpckms', 'alicloudkms', 'ocikms', 'pkcs11', 'kmip'])

/** Shamir's sharing is what there is without a word; it may be said. A value is never quoted: it may be a key. */
export function readSeal(block: TypedBlock, known: readonly KnownSeal[], findings: Findings): SealConfig | undefined {
  const type = block.type.toLowerCase()
  const kind = type === 'shamir' ? { type, options: [] } : known.find(it => it.type === type)
  const types = ['shamir', ...known.map(it => it.type)]
  if (kind === undefined) {
    const summary = `seal "${block.type}" is not ${FOREIGN.has(type) ? 'supported' : 'known'}`
    findings.error(codes.badLabel, summary, block.typeAt, `expected one of ${types.join(', ')}`)
    return undefined
  }
  for (const at of block.more) findings.error(codes.badLabel, `seal "${type}" takes no second label`, at)
  const names = [...kind.options.map(it => it.name), 'disabled']
  const options: Record<string, string> = {}
  for (const entry of block.body.entries) {
    const text = entry.kind === 'attribute' ? textOf(entry.value) : undefined
    if (!names.includes(entry.name))
      findings.error(codes.unknownWord, `seal "${type}": unknown key "${entry.name}"`, entry.nameAt, suggestion(entry.name, names))
    else if (text === undefined) findings.error(codes.badValue, `seal "${type}": ${entry.name}: expected a string`, entry.nameAt)
    else if (entry.name === 'disabled' && !/^(1|0|t|f|true|false)$/i.test(text))
      findings.error(codes.badValue, `seal "${type}": disabled: expected true or false`, entry.nameAt)
    else options[entry.name] = text
  }
  const { disabled = 'false', ...rest } = options
  return { type, options: rest, disabled: /^[1t]/i.test(disabled), at: block.nameAt }
}

/** One guards; a second one may be the one before, from which the store is to be taken over. */
export function refuseSeals(seals: readonly SealConfig[], findings: Findings): void {
  const enabled = seals.filter(it => !it.disabled)
  const [, second] = enabled
  if (second !== undefined)
    findings.error(codes.conflict, 'two seals are given, and neither is disabled', second.at, 'write disabled = "true" into the one before')
  const [, third] = seals.filter(it => it.disabled)
  if (third !== undefined) findings.error(codes.conflict, 'two seals are disabled: a store is taken over from one of them', third.at)
}
