import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { selfSigned } from '../../../client/certificate.ts'
import { startKubernetesApi, type KubernetesApi } from '../../../stand-in/kubernetes/api.ts'
import { MountedKubernetes, type Told } from './cluster.ts'

const DENIED: Told = { status: 403, errors: ['permission denied'] }
const MINUTE = 60_000
let api: KubernetesApi
let pod: string
beforeAll(async () => {
  api = await startKubernetesApi()
  pod = await api.token('production', 'payments-api')
})
afterAll(() => api.close())

const bound = { bound_service_account_names: ['payments-api'], bound_service_account_namespaces: ['production'] }
const honest = (): object => ({ kubernetes_host: api.address, kubernetes_ca_cert: api.ca, token_reviewer_jwt: api.reviewerToken })
async function mounted(config: object = honest(), role: object = bound, podFolder?: string): Promise<MountedKubernetes> {
  const at = new MountedKubernetes(podFolder)
  expect(await at.ask('write', 'config', { ...config })).toEqual({ status: 204 })
  expect(await at.ask('write', 'role/r', { ...role })).toEqual({ status: 204 })
  return at
}
const count = (): number => api.requests.length
beforeEach(() => void (api.troubles.length = 0))

describe('a login', () => {
  it('names the account to the identity store, by uid or by name', async () => {
    const { uid } = api.account('production', 'payments-api')
    const metadata = {
      service_account_name: 'payments-api',
      service_account_namespace: 'production',
      service_account_secret_name: '',
      service_account_uid: uid,
    }
    const byUid = await (await mounted()).login(pod)
    expect(byUid.grant).toMatchObject({ alias: { name: uid, metadata }, metadata: { ...metadata, role: 'r' }, internal: { role: 'r' } })
    const byName = await (await mounted(honest(), { ...bound, alias_name_source: 'serviceaccount_name' })).login(pod)
    expect(byName.grant?.alias).toEqual({ name: 'production/payments-api', metadata })
    expect(byName.grant?.displayName).toBe('production-payments-api')
  })

  it('names the Secret of a token of old', async () => {
    const told = await (await mounted()).login(await api.token('production', 'payments-api', { secret: 'payments-token' }))
    expect(told.grant?.metadata).toMatchObject({ service_account_secret_name: 'payments-token' })
  })

  it('is refused as soon as the account is gone, or made again', async () => {
    const token = await api.token('production', 'gone')
    const at = await mounted(honest(), { ...bound, bound_service_account_names: '*' })
    expect((await at.login(token)).status).toBe(200)
    api.accounts.delete('production/gone')
    expect(await at.login(token)).toEqual(DENIED)
    api.account('production', 'gone')
    expect(await at.login(token)).toEqual(DENIED)
  })

  it('asks once, over one connection that is kept', async () => {
    const at = await mounted()
    const before = count()
    for (let i = 0; i < 3; i++) expect((await at.login(pod)).status).toBe(200)
    expect(count() - before).toBe(3)
    expect(api.requests.at(-1)?.headers).toMatchObject({ 'content-type': 'application/json', connection: 'keep-alive' })
  })

  it('asks for itself where there is no reviewer token', async () => {
    const at = await mounted({ kubernetes_host: api.address, kubernetes_ca_cert: api.ca, disable_local_ca_jwt: true })
    expect(await at.login(pod)).toEqual(DENIED)
    api.reviewers.add('production/payments-api')
    expect((await at.login(pod)).status).toBe(200)
    api.reviewers.delete('production/payments-api')
    expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${pod}`)
  })

  it('understands a host without a scheme', async () => {
    const at = await mounted({ ...honest(), kubernetes_host: `localhost:${api.port}` })
    expect((await at.login(pod)).status).toBe(200)
  })

  it('trusts no server that the given CA has not signed', async () => {
    for (const ca of [selfSigned().cert, 'no certificate', `${selfSigned().cert}\nnoise`]) {
      const at = await mounted({ ...honest(), kubernetes_ca_cert: ca })
      const before = count()
      expect(await at.login(pod)).toEqual(DENIED)
      expect(count()).toBe(before)
      expect(at.logged.join('\n')).toMatch(/warn the Kubernetes API could not be asked/)
    }
  })

  it('trusts no server of another name', async () => {
    const at = await mounted({ ...honest(), kubernetes_host: `https://127.0.0.2:${api.port}` })
    const before = count()
    expect(await at.patientLogin(pod)).toEqual(DENIED)
    expect(count()).toBe(before)
  })
})

describe('an API server in trouble', () => {
  it('is asked again, a little later, until it answers', async () => {
    const at = await mounted()
    for (const trouble of [
      { is: 'answer', status: 503, body: '' },
      { is: 'answer', status: 429, body: '', headers: { 'retry-after': '1' } },
      { is: 'cut' },
    ] as const) {
      api.troubles.push(trouble)
      const before = count()
      const told = await at.patientLogin(pod)
      expect(told.status).toBe(200)
      expect(count() - before).toBe(2)
    }
  })

  it('is given up after three attempts, and the log says why', async () => {
    const at = await mounted()
    api.troubles.push(...Array.from({ length: 5 }, () => ({ is: 'answer', status: 500, body: 'no' }) as const))
    const before = count()
    expect(await at.patientLogin(pod)).toEqual(DENIED)
    expect(count() - before).toBe(3)
    expect(at.logged.join('\n')).toContain('the API server answers 500')
  })

  it('is not waited for for ever', async () => {
    const at = await mounted()
    api.troubles.push({ is: 'silence' }, { is: 'silence' }, { is: 'silence' })
    const before = at.clock.now().getTime()
    expect(await at.patientLogin(pod, 10_000)).toEqual(DENIED)
    expect(at.logged.join('\n')).toContain('no answer within 10 seconds')
    expect(at.clock.now().getTime() - before).toBeGreaterThan(30_000)
  })

  it('is left when the request ends', async () => {
    const at = await mounted()
    api.troubles.push({ is: 'silence' })
    const before = count()
    const stop = new AbortController()
    const login = at.login(pod, 'r', stop)
    while (count() === before) await new Promise(resolve => setImmediate(resolve))
    stop.abort(new Error('the client left'))
    await expect(login).rejects.toThrow('the client left')
  })

  it.each([
    ['is not JSON', 200, 'hello'],
    ['is an empty object', 201, '{}'],
    ['is a list', 201, '[]'],
    ['vouches for nobody', 201, '{"status":{"authenticated":true}}'],
    ['vouches for a user', 201, '{"status":{"authenticated":true,"user":{"username":"admin"}}}'],
    ['says yes as text', 201, '{"status":{"authenticated":"true"}}'],
    ['sends it elsewhere', 302, ''],
    ['does not know the reviewer', 401, '{}'],
  ])('logs nobody in when its answer %s', async (_, status, body) => {
    const at = await mounted()
    api.troubles.push({ is: 'answer', status, body, headers: { location: `${api.address}/elsewhere` } })
    const before = count()
    expect(await at.login(pod)).toEqual(DENIED)
    expect(count() - before).toBe(1)
  })

  it('cannot fill the memory with one answer', async () => {
    const at = await mounted()
    api.troubles.push({ is: 'answer', status: 201, body: ' '.repeat(2 * 1024 * 1024) })
    expect(await at.login(pod)).toEqual(DENIED)
    expect(at.logged.join('\n')).toContain('the answer is too large')
  })

  it('logs nobody in that it knows as another', async () => {
    const at = await mounted()
    const { uid } = api.account('production', 'payments-api')
    const ours = { username: 'system:serviceaccount:production:payments-api', uid }
    const audiences = ['https://kubernetes.default.svc.cluster.local']
    for (const user of [
      { ...ours, uid: 'x' },
      { ...ours, uid: '' },
      { ...ours, username: 'system:serviceaccount:staging:payments-api' },
      { ...ours, username: 'system:serviceaccount:production:admin' },
      { ...ours, username: 'system:serviceaccount:production:payments-api:x' },
      { ...ours, username: 'system:node:production:payments-api' },
    ]) {
      api.troubles.push({ is: 'answer', status: 201, body: JSON.stringify({ status: { authenticated: true, user, audiences } }) })
      expect(await at.login(pod)).toEqual(DENIED)
    }
    api.troubles.push({ is: 'answer', status: 201, body: JSON.stringify({ status: { authenticated: true, user: ours, audiences } }) })
    expect((await at.login(pod)).status).toBe(200)
  })
})

describe('the files of the pod that the server runs in', () => {
  const inPod = async (work: (folder: string) => Promise<void>): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'lockstep-pod-'))
    writeFileSync(join(folder, 'ca.crt'), api.ca)
    writeFileSync(join(folder, 'token'), `${api.reviewerToken}\n`)
    try {
      await work(folder)
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

  it('say whom to trust and who asks, when the configuration does not', () =>
    inPod(async folder => {
      const at = await mounted({ kubernetes_host: api.address }, bound, folder)
      expect((await at.login(pod)).status).toBe(200)
      expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${api.reviewerToken}`)
      const shown = await at.ask('read', 'config')
      expect(shown.data).toMatchObject({ kubernetes_ca_cert: '', token_reviewer_jwt_set: false })
    }))

  it('are read again: the token within a minute, the CA within an hour', () =>
    inPod(async folder => {
      const at = await mounted({ kubernetes_host: api.address }, bound, folder)
      expect((await at.login(pod)).status).toBe(200)
      writeFileSync(join(folder, 'token'), 'another')
      expect((await at.login(pod)).status).toBe(200)
      at.clock.advance(MINUTE)
      expect(await at.login(pod)).toEqual(DENIED)
      expect(api.requests.at(-1)?.headers.authorization).toBe('Bearer another')
      writeFileSync(join(folder, 'token'), api.reviewerToken)
      writeFileSync(join(folder, 'ca.crt'), selfSigned().cert)
      at.clock.advance(MINUTE)
      expect((await at.login(await api.token('production', 'payments-api'))).status).toBe(200)
      at.clock.advance(59 * MINUTE)
      const before = count()
      expect(await at.login(await api.token('production', 'payments-api', { claims: { nbf: 1, exp: 4e9 } }))).toEqual(DENIED)
      expect(count()).toBe(before)
    }))

  it('are left alone when the configuration says so', () =>
    inPod(async folder => {
      const at = await mounted({ kubernetes_host: api.address, kubernetes_ca_cert: api.ca, disable_local_ca_jwt: true }, bound, folder)
      expect(await at.login(pod)).toEqual(DENIED)
      expect(api.requests.at(-1)?.headers.authorization).toBe(`Bearer ${pod}`)
    }))

  it('may be missing where the configuration has what they would say', async () => {
    expect((await (await mounted()).login(pod)).status).toBe(200)
    const at = new MountedKubernetes('/nowhere')
    expect(await at.ask('write', 'config', { kubernetes_host: api.address })).toEqual({
      status: 400,
      errors: ['open /nowhere/ca.crt: no such file or directory'],
    })
  })
})

describe('a selector of namespaces', () => {
  const by = (selector: string): object => ({ bound_service_account_names: '*', bound_service_account_namespace_selector: selector })

  it.each([
    ['a word that is not matchLabels', '{"matchlabels":{"env":"production"}}'],
    ['another word beside it', '{"matchLabels":{"env":"production"},"matchlabel":{"a":"b"}}'],
    ['nothing', 'null'],
    ['only a comment', '# env: production'],
    ['an alias', 'a: &a {env: production}\nmatchLabels: *a'],
    ['a label twice', 'matchLabels: {env: a, env: b}'],
    ['a label of no value', 'matchLabels: {env: }'],
  ])('is refused with %s: it would select every namespace there is, or none', async (_, selector) => {
    const at = new MountedKubernetes()
    expect(await at.ask('write', 'role/r', { ...by(selector) })).toEqual({
      status: 400,
      errors: ['invalid "bound_service_account_namespace_selector" configured'],
    })
  })

  it('never lets a name that a stranger chose become a part of the path', async () => {
    const at = await mounted(honest(), by('matchLabels: {env: production}'))
    for (const namespace of ['production/../../../api/v1/secrets', '..', '', 'a?b', 'a%2fb', 'A', 'x'.repeat(64)]) {
      const claims = { 'kubernetes.io': { namespace, serviceaccount: { name: 'x', uid: 'x' } } }
      const before = count()
      expect(await at.login(await api.forgedToken('production', 'x', { claims }))).toEqual(DENIED)
      // It is asked about the token, and about nothing else.
      expect(api.requests.slice(before).map(it => it.path)).toEqual(['/apis/authentication.k8s.io/v1/tokenreviews'])
    }
  })

  it('tells a stranger nothing of namespaces, whether they are there, fit or not', async () => {
    api.account('production', 'x')
    api.account('staging', 'x')
    api.namespaces.set('production', { env: 'production' })
    const at = await mounted(honest(), by('matchLabels: {env: production}'))
    for (const namespace of ['production', 'staging', 'nowhere']) {
      const claims = { 'kubernetes.io': { namespace, serviceaccount: { name: 'x', uid: 'x' } } }
      expect(await at.login(await api.forgedToken('production', 'x', { claims }))).toEqual(DENIED)
    }
    expect((await at.login(await api.token('production', 'x'))).status).toBe(200)
    expect(await at.login(await api.token('staging', 'x'))).toEqual({ status: 403, errors: ['namespace not authorized'] })
  })

  it('CVE-2021-3024, an address inside in an error: tells nobody where the API server is', async () => {
    const at = await mounted({ ...honest(), kubernetes_host: 'https://127.0.0.1:1' }, by('matchLabels: {env: production}'))
    expect(await at.patientLogin(pod)).toEqual(DENIED)
  })
})

describe('secrets', () => {
  it('are in no answer and no log line, whatever happens', async () => {
    const at = await mounted({ ...honest(), pem_keys: [api.publicKey] })
    await at.login(pod)
    await at.login(await api.forgedToken('production', 'payments-api'))
    api.troubles.push({ is: 'cut' }, { is: 'answer', status: 500, body: api.reviewerToken }, { is: 'answer', status: 403, body: pod })
    await at.patientLogin(pod)
    await at.ask('write', 'config', { ...honest(), kubernetes_host: 'not a host' })
    await at.login(pod)
    const shown = JSON.stringify([await at.ask('read', 'config'), await at.ask('read', 'role/r'), at.logged])
    for (const secret of [api.reviewerToken, pod, pod.split('.')[2] ?? '']) expect(shown).not.toContain(secret)
    expect((await at.ask('read', 'config')).data).toMatchObject({ token_reviewer_jwt_set: true })
  })

  it('cannot carry a second header into the request', async () => {
    const at = await mounted({ ...honest(), token_reviewer_jwt: 'x\r\nimpersonate-user: admin' })
    const before = count()
    expect(await at.login(pod)).toEqual(DENIED)
    expect(count()).toBe(before)
  })
})
