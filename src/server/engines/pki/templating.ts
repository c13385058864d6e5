/** Identity templates in what a role allows: `{{identity.entity.name}}.example.com`. */
import type { Caller } from '../../logical/index.ts'
import type { PkiMount } from './mount.ts'
import type { Templating } from './names.ts'
import type { Role } from './role.ts'

/**
 * Templates are replaced for tokens that stand for an entity; for others they stay, and fit nothing. One that cannot be filled allows
 * nothing, and neither does one that a value would turn into a pattern.
 */
export async function templatingFor(mount: PkiMount, role: Role, caller: Caller): Promise<Templating> {
  const entity = caller.token?.entityId ?? ''
  const templates = [
    ...(role.allowedDomainsTemplate ? role.allowedDomains : []),
    ...(role.allowedUriSansTemplate ? role.allowedUriSans : []),
  ]
  if (entity === '' || templates.length === 0) return text => text
  const forbidden = role.allowGlobsInIdentityTemplates ? [] : ['*']
  const filled = new Map<string, string>()
  for (const it of templates) {
    const of = await mount.host.fillTemplate(it, entity, forbidden)
    if (of.is === 'text') filled.set(it, of.text)
  }
  return text => filled.get(text)
}
