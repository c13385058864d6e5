import type { RateLimitQuota } from '../../logical/index.ts'
import { Limiter } from './limiter.ts'

export interface Rule {
  readonly quota: RateLimitQuota
  readonly limiter: Limiter
}

/**
 * All rules, arranged so that the one that counts a request is found by a few look-ups: that of its role, else of its very path, else
 * of the longest beginning of its path that ends in `*`, else of its mount, else of its namespace,
 * else of everything.
 */
export class Rules {
  readonly #byName = new Map<string, Rule>()
  #everything: Rule | undefined
  readonly #byMount = new Map<string, Rule>()
  readonly #byPath = new Map<string, Rule>()
  readonly #byRole = new Map<string, Map<string, Rule>>()
  #beginnings: readonly { readonly text: string; readonly rule: Rule }[] = []

  get size(): number {
    return this.#byName.size
  }

  /** As of now: rules may be changed while one goes through it. */
  all(): readonly Rule[] {
    return [...this.#byName.values()]
  }

  get(name: string): Rule | undefined {
    return this.#byName.get(name)
  }

  names(): readonly string[] {
    return [...this.#byName.keys()].sort()
  }

  set(quota: RateLimitQuota): void {
    this.#byName.set(quota.name, { quota, limiter: new Limiter(quota.rate, quota.interval, quota.blockInterval) })
    this.#arrange()
  }

  delete(name: string): void {
    if (this.#byName.delete(name)) this.#arrange()
  }

  /** Another rule for just the same requests. */
  rivalOf({ name, path, role }: Pick<RateLimitQuota, 'name' | 'path' | 'role'>): RateLimitQuota | undefined {
    for (const { quota } of this.all()) if (quota.name !== name && quota.path === path && quota.role === role) return quota
    return undefined
  }

  hasRoles(mountPath: string): boolean {
    return this.#byRole.size > 0 && this.#byRole.has(mountPath)
  }

  /** `mountPath` and `namespaces` (the innermost first): with their final slashes. */
  find(path: string, mountPath: string | undefined, namespaces: readonly string[], role: string | undefined): Rule | undefined {
    if (role !== undefined && mountPath !== undefined) {
      const rule = this.#byRole.get(mountPath)?.get(role)
      if (rule !== undefined) return rule
    }
    if (this.#byPath.size > 0) {
      const rule = this.#byPath.get(path.endsWith('/') ? path.slice(0, -1) : path)
      if (rule !== undefined) return rule
    }
    for (const { text, rule } of this.#beginnings) if (path.startsWith(text)) return rule
    const ofMount = mountPath === undefined ? undefined : this.#byMount.get(mountPath)
    if (ofMount !== undefined || namespaces.length === 0) return ofMount ?? this.#everything
    return this.#ofNamespaces(namespaces)
  }

  /** That of the namespace itself, else the nearest of those above that is inherited. */
  #ofNamespaces(namespaces: readonly string[]): Rule | undefined {
    for (const [index, namespace] of namespaces.entries()) {
      const rule = this.#byMount.get(namespace)
      if (rule !== undefined && (index === 0 || rule.quota.inheritable)) return rule
    }
    return this.#everything?.quota.inheritable === true ? this.#everything : undefined
  }

  #arrange(): void {
    this.#everything = undefined
    this.#byMount.clear()
    this.#byPath.clear()
    this.#byRole.clear()
    const beginnings: { text: string; rule: Rule }[] = []
    for (const rule of this.#byName.values()) {
      const { path, role } = rule.quota
      if (role !== '') {
        const roles = this.#byRole.get(path) ?? new Map<string, Rule>()
        this.#byRole.set(path, roles.set(role, rule))
      } else if (path === '') this.#everything = rule
      else if (path.endsWith('*')) beginnings.push({ text: path.slice(0, -1), rule })
      else if (path.endsWith('/')) this.#byMount.set(path, rule)
      else this.#byPath.set(path, rule)
    }
    this.#beginnings = beginnings.sort((a, b) => b.text.length - a.text.length)
  }
}
