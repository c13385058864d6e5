import { describe, expect, it } from 'vitest'
import type { PkiMount } from '../../../../src/server/engines/pki/mount.ts'
import { newRole, type Role } from '../../../../src/server/engines/pki/role.ts'
import { templatingFor } from '../../../../src/server/engines/pki/templating.ts'
import type { FilledTemplate } from '../../../../src/server/logical/index.ts'
import { callerWith } from '../../../conformance/engine-replay.ts'

const NAMED = '{{identity.entity.name}}.example.com'

/** As core fills templates: refuses what a value may not contain. */
const mountOf = (name: string): PkiMount => {
  const fillTemplate = async (template: string, _entity: string, forbidden: readonly string[]): Promise<FilledTemplate> =>
    forbidden.some(it => name.includes(it))
      ? { is: 'refused', why: 'forbidden' }
      : { is: 'text', text: template.replace('{{identity.entity.name}}', name) }
  return { host: { fillTemplate } } as unknown as PkiMount
}
const role = (more: Partial<Role> = {}): Role => ({ ...newRole, allowedDomains: [NAMED], allowedDomainsTemplate: true, ...more })

describe('an identity template in what a role allows', () => {
  it('is filled for the entity of the token', async () => {
    const fill = await templatingFor(mountOf('ann'), role(), callerWith({ entityId: 'one' }))
    expect(fill(NAMED)).toBe('ann.example.com')
  })

  it('allows nothing when a value would make it a pattern, unless the role takes patterns', async () => {
    const caller = callerWith({ entityId: 'one' })
    expect((await templatingFor(mountOf('*'), role(), caller))(NAMED)).toBeUndefined()
    expect((await templatingFor(mountOf('*'), role({ allowGlobsInIdentityTemplates: true }), caller))(NAMED)).toBe('*.example.com')
  })

  it('stays as it is for a token of no entity', async () => {
    const fill = await templatingFor(mountOf('ann'), role(), callerWith({ entityId: '' }))
    expect(fill(NAMED)).toBe(NAMED)
  })
})
