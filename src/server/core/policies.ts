/**
 * The policy store and the compiled ACLs.
 *
 * An ACL is compiled once per set of policies and kept until any policy changes (`#generation`) or one of its rules
 * expires, so that a request pays a look-up in a map. A policy that cannot be parsed (written by another program) makes
 * every token that holds it fail, as it does at the peer: it is never skipped.
 */
import { decodePolicyText, parsePolicy, type PolicyDoc } from '../../hcl/policy/index.ts'
import type { Clock } from '../../kernel/index.ts'
import { compileAcl, DEFAULT_POLICY, type AccessQuery, type Acl, type Explanation, type HeldPolicy } from '../../policy/index.ts'
import { faults, type PoliciesPort, type PolicyRecord, type PolicyWish, type View } from '../logical/index.ts'
import { RESPONSE_WRAPPING, RESPONSE_WRAPPING_POLICY } from './built-in-policies.ts'
import type { Holder } from './identity/index.ts'
import { namesByLevel, normal, policyName, sanitizePolicies, storageName } from './policy-names.ts'
import { encodeRecord, readRecord } from './record.ts'

interface Cached {
  readonly generation: number
  readonly acl: Acl
}
const CACHED_ACLS = 4096
/** Sets of token policies that one entity comes with. */
const ACLS_OF_HOLDER = 16

export class Policies implements Omit<PoliciesPort, 'capabilities' | 'mayReach'> {
  readonly #view: View
  readonly #clock: Clock
  readonly #docs = new Map<string, HeldPolicy | undefined>()
  readonly #acls = new Map<string, Cached>()
  readonly #namespace: string
  #generation = 0

  /** `view`: that of `sys/policy/`; `namespace`: path of the one that they are of and that their paths are from. */
  constructor(view: View, clock: Clock, namespace = '') {
    this.#view = view
    this.#clock = clock
    this.#namespace = namespace
  }

  /** Makes the policies that must exist. */
  async open(): Promise<void> {
    for (const [name, text] of [
      ['default', DEFAULT_POLICY],
      [RESPONSE_WRAPPING, RESPONSE_WRAPPING_POLICY],
    ] as const) {
      if ((await this.#view.get(storageName(name))) === undefined)
        await this.#view.put(storageName(name), encodeRecord(this.#fresh(name, text)))
    }
  }

  #fresh(name: string, text: string): PolicyRecord {
    return {
      name,
      text,
      version: 1,
      modified: this.#clock.now().toISOString(),
      casRequired: false,
      allowSlashes: false,
      allowWildcards: false,
    }
  }

  async read(name: string): Promise<PolicyRecord | undefined> {
    const key = normal(name)
    if (key === 'root')
      return { name: 'root', text: '', version: 0, modified: '', casRequired: false, allowSlashes: false, allowWildcards: false }
    const record = await readRecord<PolicyRecord>(this.#view, storageName(key))
    return record && !this.#expired(record) ? record : undefined
  }

  #expired(record: PolicyRecord): boolean {
    return record.expiration !== undefined && this.#clock.now() >= new Date(record.expiration)
  }

  async write(name: string, wish: PolicyWish): Promise<void> {
    const key = normal(name)
    if (key === 'root' || key === RESPONSE_WRAPPING) throw faults.refused({ why: `cannot update "${key}" policy` })
    const now = this.#clock.now()
    if (wish.expiration !== undefined && wish.expiration <= now)
      throw faults.refused({ why: 'refusing to update policy as expiration time has already elapsed' })
    const text = wish.text === undefined ? undefined : decodePolicyText(wish.text)
    if (text !== undefined) this.#refuseUnparsable(key, text)
    await this.#view.transact(async tx => {
      const before = await readRecord<PolicyRecord>(tx, storageName(key))
      const known = before && !this.#expired(before) ? before : undefined
      if (known === undefined && wish.patch) throw faults.refused({ why: 'policy not found' })
      checkCas(known, wish)
      const kept = wish.patch ? known : undefined
      const expiration = wish.expiration?.toISOString() ?? kept?.expiration
      const next: PolicyRecord = {
        name: key,
        text: text ?? kept?.text ?? '',
        version: (known?.version ?? 0) + 1,
        modified: now.toISOString(),
        casRequired: wish.casRequired ?? kept?.casRequired ?? false,
        allowSlashes: wish.allowSlashes ?? kept?.allowSlashes ?? false,
        allowWildcards: wish.allowWildcards ?? kept?.allowWildcards ?? false,
        ...(expiration !== undefined && { expiration }),
      }
      await tx.put(storageName(key), encodeRecord(next))
    })
    this.#changed(key)
  }

  #refuseUnparsable(name: string, text: string): void {
    const parsed = parsePolicy({ name, text }, { now: this.#clock.now() })
    const held = parsed.value?.rules.find(it => it.controlGroup !== undefined)
    // Taken for less than it says, such a rule would give without approval what it means to hold back.
    if (held) throw faults.refused({ why: `path ${JSON.stringify(held.path)}: control_group is not supported by this server` })
    if (parsed.value !== undefined) return
    throw faults.refused({ why: parsed.peerError ?? `failed to parse policy: ${parsed.findings[0]?.summary ?? 'not a policy'}` })
  }

  async delete(name: string): Promise<void> {
    const key = normal(name)
    if (key === 'default') throw faults.refused({ why: 'cannot delete default policy' })
    if (key === 'root' || key === RESPONSE_WRAPPING) throw faults.refused({ why: `cannot delete "${key}" policy` })
    await this.#view.delete(storageName(key))
    this.#changed(key)
  }

  #changed(name: string): void {
    this.#docs.delete(name)
    this.#generation++
  }

  async names(): Promise<readonly string[]> {
    const found = (await namesByLevel(this.#view)).map(policyName)
    const shown = found.filter(name => name !== RESPONSE_WRAPPING)
    return this.#namespace === '' ? [...shown, 'root'] : shown
  }

  /** What a token may do: by its own policies, and by those of its entity and groups as they are now. Root is root alone. */
  async acl(policies: readonly string[], holder?: Holder): Promise<Acl> {
    if (holder === undefined || policies.includes('root')) return this.#aclOf(policies)
    const key = policies.join('\0')
    const cached = holder.acls.get(key)
    if (cached && this.#isValid(cached)) return cached.acl
    const generation = this.#generation
    const names = sanitizePolicies([...policies, ...holder.policies], false)
    const docs = await this.#docsOf(names)
    const isTemplated = docs.some(it => it.templated)
    const acl = isTemplated
      ? compileAcl(docs, { now: this.#clock.now(), facts: holder.facts, namespace: this.#namespace })
      : await this.#aclOf(names)
    if (holder.acls.size >= ACLS_OF_HOLDER) holder.acls.clear()
    holder.acls.set(key, { generation, acl })
    return acl
  }

  #isValid({ generation, acl }: Cached): boolean {
    return generation === this.#generation && (acl.validUntil === undefined || this.#clock.now() <= acl.validUntil)
  }

  async #docsOf(names: readonly string[]): Promise<readonly HeldPolicy[]> {
    const docs: HeldPolicy[] = []
    for (const name of names) {
      const doc = await this.#doc(name)
      if (doc !== undefined) docs.push(doc)
    }
    return docs
  }

  async #aclOf(policies: readonly string[]): Promise<Acl> {
    const key = policies.join('\0')
    const now = this.#clock.now()
    const cached = this.#acls.get(key)
    if (cached && this.#isValid(cached)) return cached.acl
    const generation = this.#generation
    const acl = compileAcl(await this.#docsOf(policies), { now, namespace: this.#namespace })
    if (this.#acls.size >= CACHED_ACLS) this.#acls.clear()
    this.#acls.set(key, { generation, acl })
    return acl
  }

  async #doc(name: string): Promise<HeldPolicy | undefined> {
    if (name === 'root') return { name: 'root', rules: [], templated: false }
    if (this.#docs.has(name)) {
      const known = this.#docs.get(name)
      return known
    }
    const generation = this.#generation
    const record = await this.read(name)
    const doc = record && this.#held(record)
    // A policy that expires as a whole is read anew each time its ACL is compiled.
    // So is one that was read while a policy changed: it may be the one before.
    if (record?.expiration === undefined && this.#generation === generation) this.#docs.set(name, doc)
    return doc
  }

  #held(record: PolicyRecord): HeldPolicy {
    const parsed = parsePolicy({ name: record.name, text: record.text }, { now: this.#clock.now() })
    if (parsed.value === undefined) throw faults.internal({ cause: new Error(`policy "${record.name}" cannot be parsed`) })
    const doc: PolicyDoc = parsed.value
    const expiration = record.expiration === undefined ? undefined : new Date(record.expiration)
    return {
      ...doc,
      name: record.name,
      ...(expiration && { rules: doc.rules.map(rule => ({ ...rule, expiration: earlier(rule.expiration, expiration) })) }),
      templateFlags: { allowSlashes: record.allowSlashes, allowWildcards: record.allowWildcards },
    }
  }

  async explain(policies: readonly string[], query: AccessQuery): Promise<Explanation> {
    return (await this.acl(policies)).explain({ ...query, path: this.#namespace + query.path })
  }
}

const earlier = (a: Date | undefined, b: Date): Date => (a !== undefined && a < b ? a : b)

function checkCas(known: PolicyRecord | undefined, wish: PolicyWish): void {
  const { cas } = wish
  const version = known?.version ?? 0
  if (cas === undefined) {
    if (known?.casRequired || wish.casRequired) throw faults.refused({ why: 'check-and-set parameter required for this call' })
    return
  }
  if (cas === -1 && known !== undefined) throw faults.refused({ why: 'check-and-set parameter set to -1 on existing entry' })
  if (cas !== -1 && cas !== version)
    throw faults.refused({ why: `check-and-set parameter ${cas} did not match the current version ${version}` })
}
