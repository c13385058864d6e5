import { describe, expect, it } from 'vitest'
import { findingsOf, workspace } from '../harness/repository.ts'

const target = (rest: string): Record<string, string> => ({ 'lockstep.yaml': `targets:\n  a: { address: "https://a", ${rest} }\n` })

describe('the login of a target', () => {
  it('names a mount and what its method is told', () => {
    const { settings } = workspace(target('login: { mount: auth/jwt/, role: ci, jwt: { $env: JWT } }'))
    expect(settings.targets.get('a')?.login).toEqual({ mount: 'jwt', fields: { role: 'ci', jwt: { from: 'env', name: 'JWT' } } })
  })

  it.each([
    ['login: approle', 'LOAD0004'],
    ['login: {}', 'LOAD0005'],
    ['login: { mount: "a b" }', 'LOAD0007'],
    ['login: { mount: { $env: MOUNT } }', 'LOAD0004'],
    ['login: { mount: approle, secret_id: in-clear }', 'LOAD0016'],
    ['login: { mount: approle, secret_id: { $vault: "a#b" } }', 'LOAD0004'],
    ['login: { mount: approle, secret_id: { $envv: A } }', 'LOAD0008'],
    ['login: { mount: approle, role_id: 7 }', 'LOAD0004'],
    ['login: { mount: approle }, token: { $env: TOKEN }', 'LOAD0004'],
  ])('%s is refused', (rest, code) => {
    expect(findingsOf(target(rest)).join('\n')).toContain(code)
  })
})
