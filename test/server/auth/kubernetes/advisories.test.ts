/** Weaknesses that others had, by the name of their advisory: each stays shut here. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startKubernetesApi, type KubernetesApi } from '../../../stand-in/kubernetes/api.ts'
import { MountedKubernetes } from './cluster.ts'

let api: KubernetesApi
beforeAll(async () => void (api = await startKubernetesApi()))
afterAll(() => api.close())

async function mounted(role: object): Promise<MountedKubernetes> {
  const at = new MountedKubernetes()
  await at.ask('write', 'config', { kubernetes_host: api.address, kubernetes_ca_cert: api.ca, token_reviewer_jwt: api.reviewerToken })
  expect(await at.ask('write', 'role/r', { bound_service_account_names: '*', bound_service_account_namespaces: '*', ...role })).toEqual({
    status: 204,
  })
  return at
}

describe('CVE-2024-5798: a bound audience was not always enforced', () => {
  it.each([
    ['another audience', { audiences: ['other'] }],
    ['no audience', { audiences: [] }],
    ['the audience as a part of one', { audiences: ['vault2', 'xvault'] }],
    ['a text that holds it', { claims: { aud: 'other,vault' } }],
    ['an empty one', { claims: { aud: [''] } }],
  ])('a token for %s does not log in', async (_, wish) => {
    const at = await mounted({ audience: 'vault' })
    const told = await at.login(await api.token('production', 'app', wish))
    expect(told).toEqual({
      status: 403,
      errors: ['invalid audience (aud) claim: audience claim does not match any expected audience'],
    })
  })

  it('an API server that knows no audiences does not do', async () => {
    const at = await mounted({ audience: 'vault' })
    const { uid } = api.account('production', 'app')
    const status = { authenticated: true, user: { username: 'system:serviceaccount:production:app', uid } }
    api.troubles.push({ is: 'answer', status: 201, body: JSON.stringify({ status }) })
    expect((await at.login(await api.token('production', 'app', { audiences: ['vault'] }))).status).toBe(403)
  })
})

describe('CVE-2025-4166 and CVE-2025-52893: an error about a type echoed the secret', () => {
  it.each(['token_reviewer_jwt', 'kubernetes_ca_cert', 'pem_keys', 'issuer', 'kubernetes_host'])('not for %s', async field => {
    const at = new MountedKubernetes()
    for (const value of [{ planted: 'planted' }, [['planted']], [{ planted: 1 }]]) {
      const told = await at.ask('write', 'config', { kubernetes_host: 'x', [field]: value })
      expect(told.status).toBe(400)
      expect(JSON.stringify(told)).not.toContain('planted')
    }
  })

  it.each(['jwt', 'role'])('not for %s of a login', async field => {
    const at = new MountedKubernetes()
    const told = await at.ask('write', 'login', { role: 'r', jwt: 'x', [field]: { planted: 'planted' } })
    expect(JSON.stringify(told)).not.toContain('planted')
  })
})

describe('CVE-2026-46405: a method answered with a token and an error', () => {
  it('what fails grants nothing', async () => {
    const at = await mounted({})
    const told = await at.login(await api.forgedToken('production', 'app'))
    expect(told).toEqual({ status: 403, errors: ['permission denied'] })
    expect(told.grant).toBeUndefined()
  })
})

describe('CVE-2025-11621: what was known of one account served another', () => {
  it('each login is asked about, and a change of the configuration counts at once', async () => {
    const at = await mounted({})
    const token = await api.token('production', 'app')
    expect((await at.login(token)).status).toBe(200)
    const other = await startKubernetesApi()
    try {
      await at.ask('write', 'config', {
        kubernetes_host: other.address,
        kubernetes_ca_cert: other.ca,
        token_reviewer_jwt: other.reviewerToken,
      })
      expect((await at.login(token)).status).toBe(403)
      expect(other.requests).toHaveLength(1)
      const theirs = await other.token('production', 'app')
      const told = await at.login(theirs)
      expect(told.grant?.alias?.name).toBe(other.account('production', 'app').uid)
      expect(told.grant?.alias?.name).not.toBe(api.account('production', 'app').uid)
    } finally {
      await other.close()
    }
  })
})

describe('GHSA-59w7-v8rr-pr4p: names with separators slipped into templated policies', () => {
  it('a name that the cluster cannot have does not come back as metadata', async () => {
    const at = await mounted({ alias_name_source: 'serviceaccount_name' })
    for (const name of ['a/b', 'a+b', '*', 'a:b', '../x']) {
      const claims = { 'kubernetes.io': { namespace: 'production', serviceaccount: { name, uid: 'x' } } }
      const told = await at.login(await api.token('production', 'app', { claims }))
      expect(told).toEqual({ status: 403, errors: ['permission denied'] })
    }
  })
})

describe('CVE-2020-25594: who is nobody could find out what is mounted and configured', () => {
  it('a role that is not there and a configuration that is not there look alike to a stranger with no role', async () => {
    const [bare, full] = [new MountedKubernetes(), await mounted({})]
    for (const at of [bare, full]) {
      expect(await at.login('x', 'nobody')).toEqual({ status: 400, errors: ['invalid role name "nobody"'] })
    }
  })
})
