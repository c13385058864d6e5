/** Which CA certificates stand above which: an issuer's chain is itself, its parents, and theirs, as far as this mount knows them. */
import type { Issuer, IssuerRecord, Store } from './store.ts'
import { certificateOf } from './store.ts'

/** Works out all chains anew; `changed` is kept with them, whatever is stored under its name so far. */
export async function rebuildChains(store: Store, changed?: IssuerRecord): Promise<IssuerRecord | undefined> {
  const known = new Map<string, Issuer>((await store.issuers()).map(it => [it.record.id, it]))
  if (changed !== undefined) known.set(changed.id, { record: changed, certificate: certificateOf(changed.certificate) })
  const bySubject = new Map<string, Issuer[]>()
  // The later identifier first, as the peer goes.
  for (const issuer of [...known.values()].sort((a, b) => (a.record.id < b.record.id ? 1 : -1))) {
    const subject = issuer.certificate.subject.raw.toString('latin1')
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), issuer])
  }
  const parents = new Map([...known.values()].map(it => [it.record.id, parentsOf(it, bySubject)]))
  let own: IssuerRecord | undefined
  for (const { record } of known.values()) {
    const caChain = chainOf(record, known, parents)
    const isSame = caChain.length === record.caChain.length && caChain.every((it, i) => it === record.caChain[i])
    const next = isSame ? record : { ...record, caChain }
    if (record.id === changed?.id) own = next
    if (!isSame || record.id === changed?.id) await store.putIssuer(next)
  }
  return own
}

/** Roots first: a chain that ends soon is the better one. */
function parentsOf({ record, certificate }: Issuer, bySubject: ReadonlyMap<string, readonly Issuer[]>): readonly Issuer[] {
  const candidates = bySubject.get(certificate.issuer.raw.toString('latin1')) ?? []
  const found = candidates.filter(it => it.record.id !== record.id && certificate.isSignedBy(it.certificate))
  const isRoot = (it: Issuer): boolean => it.certificate.subject.raw.equals(it.certificate.issuer.raw)
  return [...found.filter(isRoot), ...found.filter(it => !isRoot(it))]
}

/** Each certificate once, however the parents go round in circles (cross-signed or reissued roots). */
function chainOf(
  start: IssuerRecord,
  known: ReadonlyMap<string, Issuer>,
  parents: ReadonlyMap<string, readonly Issuer[]>,
): readonly string[] {
  const chain = new Set<string>()
  const seen = new Set<string>()
  const add = (record: IssuerRecord): void => {
    if (seen.has(record.id)) return
    seen.add(record.id)
    if (record.manualChain.length > 0) {
      for (const id of record.manualChain) {
        const certificate = known.get(id)?.record.certificate
        if (certificate !== undefined) chain.add(certificate)
      }
      return
    }
    chain.add(record.certificate)
    for (const parent of parents.get(record.id) ?? []) add(parent.record)
  }
  add(start)
  return [...chain]
}
