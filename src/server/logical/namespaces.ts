/** Namespaces: servers within the server, each with mounts, policies, tokens and identities of its own. */

/** One of them, as far as what lives in it needs to know. */
export interface NamespaceRef {
  /** Six letters and digits, which end the tokens, accessors, lease and identity ids of the namespace; `root` for the root one. */
  readonly id: string
  /** From the root, with its final slash: `team/app/`; '' for the root one. */
  readonly path: string
}
export const ROOT_NAMESPACE: NamespaceRef = Object.freeze({ id: 'root', path: '' })

export interface NamespaceFacts extends NamespaceRef {
  readonly uuid: string
  /** Its API is locked, and with it that of all below it. */
  readonly locked: boolean
  /** Being deleted: nothing in it answers any more. */
  readonly tainted: boolean
  readonly metadata: Readonly<Record<string, string>>
}

/** The namespaces below the one whose system backend asks. Names are those of children; refusals are faults in the peer's words. */
export interface NamespacesPort {
  readonly here: NamespaceRef
  find(name: string): NamespaceFacts | undefined
  /** Sorted; each with its path from here. `deep`: those below the children too. */
  list(deep: boolean): readonly { readonly path: string; readonly facts: NamespaceFacts }[]
  /** Makes it, or gives it other metadata. */
  write(name: string, metadata: Readonly<Record<string, string>>): Promise<NamespaceFacts>
  change(name: string, metadata: (before: NamespaceFacts['metadata']) => NamespaceFacts['metadata']): Promise<NamespaceFacts>
  /** Taints it, and ends all that is in it later: leases at their source, then data. False: there is none of that name. */
  delete(name: string): Promise<boolean>
  /** `path`: from here, '' for this one. Gives the key that unlocks it, which is kept nowhere. */
  lock(path: string): Promise<string>
  /** Without a key: for whoever may do so. */
  unlock(path: string, key: string | undefined): Promise<void>
}
