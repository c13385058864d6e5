/** Logins that a real kube-apiserver vouches for, or does not. Its path is in KUBE_APISERVER; `npm run test:cluster -- PATH` puts it there. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { demand, pick } from '../contract/harness/installation.ts'
import { startOurs, startPeer } from '../contract/harness/server.ts'
import { send } from '../contract/harness/http.ts'
import { MountedKubernetes, type Told } from '../server/auth/kubernetes/cluster.ts'
import { startKubeApiserver, type KubeApiserver } from './kube-apiserver.ts'

const DENIED: Told = { status: 403, errors: ['permission denied'] }
const bound = { bound_service_account_names: ['payments-api'], bound_service_account_namespaces: ['production'] }

let api: KubeApiserver
const account = (namespace: string, name: string): Promise<unknown> =>
  api.ask('POST', `/api/v1/namespaces/${namespace}/serviceaccounts`, { metadata: { name } })
/** What the documentation asks for: the right to review tokens, and to read namespaces. */
const mayReview = async (name: string): Promise<void> => {
  const rbac = '/apis/rbac.authorization.k8s.io/v1'
  for (const role of ['system:auth-delegator', 'namespace-reader'])
    await api.ask('POST', `${rbac}/clusterrolebindings`, {
      metadata: { name: `${name}-${role.replace(':', '-')}` },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
      subjects: [{ kind: 'ServiceAccount', name, namespace: 'kube-system' }],
    })
}

beforeAll(async () => {
  api = await startKubeApiserver(process.env['KUBE_APISERVER'] ?? '')
  await api.ask('POST', '/api/v1/namespaces', { metadata: { name: 'production', labels: { env: 'production' } } })
  await api.ask('POST', '/api/v1/namespaces', { metadata: { name: 'staging', labels: { env: 'staging' } } })
  await api.ask('POST', '/apis/rbac.authorization.k8s.io/v1/clusterroles', {
    metadata: { name: 'namespace-reader' },
    rules: [{ apiGroups: [''], resources: ['namespaces'], verbs: ['get'] }],
  })
  for (const name of ['reviewer', 'successor']) {
    await account('kube-system', name)
    await mayReview(name)
  }
  for (const namespace of ['production', 'staging']) await account(namespace, 'payments-api')
})
afterAll(() => api?.stop())

const honest = async (): Promise<object> => ({
  kubernetes_host: api.address,
  kubernetes_ca_cert: api.ca,
  token_reviewer_jwt: await api.token('kube-system', 'reviewer'),
})
async function mounted(config: object, role: object = bound, podFolder?: string): Promise<MountedKubernetes> {
  const at = new MountedKubernetes(podFolder)
  expect(await at.ask('write', 'config', { ...config })).toEqual({ status: 204 })
  expect(await at.ask('write', 'role/r', { ...role })).toEqual({ status: 204 })
  return at
}

describe('a real API server', () => {
  it('vouches for a pod', async () => {
    const { metadata } = (await api.ask('GET', '/api/v1/namespaces/production/serviceaccounts/payments-api')) as {
      readonly metadata: { readonly uid: string }
    }
    const told = await (await mounted(await honest())).login(await api.token('production', 'payments-api'))
    expect(told.grant).toMatchObject({ alias: { name: metadata.uid }, displayName: 'production-payments-api' })
    // Checked here too, by the key that the cluster signs with.
    const at = await mounted({ ...(await honest()), pem_keys: [api.signer] })
    expect((await at.login(await api.token('production', 'payments-api'))).status).toBe(200)
  })

  it('does not vouch for a forged token, nor for one of another cluster', async () => {
    const at = await mounted(await honest())
    const [head, claims, signature = ''] = (await api.token('production', 'payments-api')).split('.')
    expect(await at.login(`${head}.${claims}.${signature.split('').toReversed().join('')}`)).toEqual(DENIED)
  })

  it('vouches for an audience that the token is meant for, and for no other', async () => {
    const at = await mounted(await honest(), { ...bound, audience: 'vault' })
    expect((await at.login(await api.token('production', 'payments-api', ['vault']))).status).toBe(200)
    expect(await at.login(await api.token('production', 'payments-api'))).toMatchObject({ status: 403 })
    expect(await at.login(await api.token('production', 'payments-api', ['other']))).toMatchObject({ status: 403 })
    // Without an audience the role takes the token for whom it is meant.
    const any = await mounted(await honest())
    expect((await any.login(await api.token('production', 'payments-api', ['other']))).status).toBe(200)
  })

  it('does not vouch for an account that was deleted', async () => {
    await account('production', 'leaving')
    const token = await api.token('production', 'leaving')
    const at = await mounted(await honest(), { ...bound, bound_service_account_names: '*' })
    expect((await at.login(token)).status).toBe(200)
    await api.ask('DELETE', '/api/v1/namespaces/production/serviceaccounts/leaving')
    // It remembers for some seconds what it has said of a token.
    for (const deadline = performance.now() + 60_000; (await at.login(token)).status === 200; await delay(500))
      expect(performance.now()).toBeLessThan(deadline)
    expect(await at.login(token)).toEqual(DENIED)
    // Nor for its successor of the same name.
    await account('production', 'leaving')
    expect(await at.login(token)).toEqual(DENIED)
  })

  it('knows the labels of namespaces', async () => {
    const selector = { bound_service_account_names: '*', bound_service_account_namespace_selector: 'matchLabels: {env: production}' }
    const at = await mounted(await honest(), selector)
    expect((await at.login(await api.token('production', 'payments-api'))).status).toBe(200)
    expect(await at.login(await api.token('staging', 'payments-api'))).toEqual({ status: 403, errors: ['namespace not authorized'] })
  })

  it('knows the server itself by the token of its pod, also after that was replaced', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-pod-'))
    const put = (token: string): void => writeFileSync(join(folder, 'token'), token)
    try {
      writeFileSync(join(folder, 'ca.crt'), api.ca)
      put(await api.token('kube-system', 'reviewer'))
      const at = await mounted({ kubernetes_host: api.address }, bound, folder)
      const pod = await api.token('production', 'payments-api')
      expect((await at.login(pod)).status).toBe(200)
      put('worth nothing')
      at.clock.advance(60_000)
      expect(await at.login(pod)).toEqual(DENIED)
      put(await api.token('kube-system', 'successor'))
      at.clock.advance(60_000)
      expect((await at.login(pod)).status).toBe(200)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('lets nobody ask who may not', async () => {
    const at = await mounted({ ...(await honest()), token_reviewer_jwt: await api.token('staging', 'payments-api') })
    expect(await at.login(await api.token('production', 'payments-api'))).toEqual(DENIED)
    expect(at.logged.join('\n')).toContain('403 (Forbidden)')
  })
})

describe('a server beside a real API server', () => {
  it.each([
    ['ours', startOurs],
    ['the peer', startPeer],
  ])('logs a pod in, and refuses others: %s', async (_, start) => {
    const server = await start('dev')
    const as = { token: 'root' }
    const login = async (jwt: string): Promise<string> => {
      const { status, text } = await send(server.address, {
        method: 'POST',
        path: '/v1/auth/kubernetes/login',
        body: JSON.stringify({ role: 'r', jwt }),
      })
      if (status !== 200) return `${status} ${text.trim()}`
      const { client_token: token } = pick<{ readonly client_token: string }>(JSON.parse(text), 'auth')
      return pick(await demand(server, 'GET', 'auth/token/lookup-self', { token }), 'data', 'display_name')
    }
    try {
      await demand(server, 'POST', 'sys/auth/kubernetes', { ...as, body: { type: 'kubernetes' } })
      await demand(server, 'POST', 'auth/kubernetes/config', { ...as, body: await honest() })
      await demand(server, 'POST', 'auth/kubernetes/role/r', { ...as, body: { ...bound, audience: 'vault', token_ttl: '1h' } })
      expect(await login(await api.token('production', 'payments-api', ['vault']))).toBe('kubernetes-production-payments-api')
      expect(await login(await api.token('production', 'payments-api'))).toBe(
        '403 {"errors":["invalid audience (aud) claim: audience claim does not match any expected audience"]}',
      )
      expect(await login(await api.token('staging', 'payments-api', ['vault']))).toBe('403 {"errors":["namespace not authorized"]}')
    } finally {
      await server.stop()
    }
  })
})
