/** A real kube-apiserver over an etcd of its own, in a folder of its own, on free ports: what it says of tokens is what clusters say. */
import { spawn, type ChildProcess } from 'node:child_process'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { systemClock } from '../../src/kernel/index.ts'
import { developmentCertificates } from '../../src/server/x509/index.ts'
import { realRandom } from '../conformance/engine-replay.ts'
import { debianProgram } from '../contract/harness/debian.ts'
import { endProcess, freePort } from '../contract/harness/server.ts'

type Tree = Readonly<Record<string, unknown>>

export interface KubeApiserver {
  /** `https://127.0.0.1:PORT` */
  readonly address: string
  /** PEM: whom to trust. */
  readonly ca: string
  /** PEM: what service account tokens are signed with. */
  readonly signer: string
  /** Asks as an administrator; rejects when the answer is no success. */
  ask(method: string, path: string, body?: Tree): Promise<Tree>
  /** A token of a service account by the TokenRequest API. */
  token(namespace: string, name: string, audiences?: readonly string[]): Promise<string>
  stop(): Promise<void>
}

export async function startKubeApiserver(binary: string): Promise<KubeApiserver> {
  const home = mkdtempSync(join(tmpdir(), 'lockstep-cluster-'))
  const place = (name: string, text: string): string => {
    const file = join(home, name)
    writeFileSync(file, text, { mode: 0o600 })
    return file
  }
  const children: ChildProcess[] = []
  const end = (): void => children.forEach(it => it.kill('SIGKILL'))
  process.once('exit', end)
  let log = ''
  const begin = (path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void => {
    const child = spawn(path, args, { cwd: home, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (log = (log + String(chunk)).slice(-20_000)))
    child.on('error', cause => (log += String(cause)))
    children.push(child)
  }
  const stop = async (): Promise<void> => {
    for (const child of children.toReversed()) await endProcess(child, 'SIGKILL')
    process.off('exit', end)
    rmSync(home, { recursive: true, force: true })
  }

  const etcd = await debianProgram('etcd', ['etcd-server'])
  const [client, peer, port] = [await freePort(), await freePort(), await freePort()]
  const at = `http://127.0.0.1:${client}`
  begin(
    etcd.path,
    [
      '--data-dir=etcd',
      `--listen-client-urls=${at}`,
      `--advertise-client-urls=${at}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
    ],
    etcd.env,
  )
  const { ca, cert, key } = await developmentCertificates(['127.0.0.1', 'localhost'], { clock: systemClock, random: realRandom })
  const accounts = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const signer = String(accounts.publicKey.export({ type: 'spki', format: 'pem' }))
  const admin = randomUUID()
  begin(binary, [
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    '--endpoint-reconciler-type=none',
    `--secure-port=${port}`,
    `--etcd-servers=${at}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${place('accounts.pub', signer)}`,
    `--service-account-signing-key-file=${place('accounts.key', String(accounts.privateKey.export({ type: 'pkcs8', format: 'pem' })))}`,
    `--tls-cert-file=${place('server.pem', cert)}`,
    `--tls-private-key-file=${place('server.key', key)}`,
    `--token-auth-file=${place('tokens.csv', `${admin},admin,1,system:masters\n`)}`,
    '--authorization-mode=RBAC',
    '--disable-admission-plugins=ServiceAccount',
  ])

  const raw = (method: string, path: string, body?: Tree): Promise<{ status: number; text: string }> =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${admin}`, 'content-type': 'application/json' }
      const asked = request({ host: '127.0.0.1', port, path, method, ca, headers, timeout: 10_000 }, answer => {
        let text = ''
        answer.on('data', chunk => (text += String(chunk)))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
        answer.on('error', reject)
      })
      asked.on('error', reject)
      asked.on('timeout', () => asked.destroy(new Error('no answer')))
      asked.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const ask: KubeApiserver['ask'] = async (method, path, body) => {
    const { status, text } = await raw(method, path, body)
    if (status > 299) throw new Error(`${method} ${path}: ${status} ${text}`)
    return JSON.parse(text) as Tree
  }
  for (const deadline = performance.now() + 90_000; ; await delay(200)) {
    const { status } = await raw('GET', '/readyz').catch(() => ({ status: 0 }))
    if (status === 200) break
    const isOver = children.some(it => it.exitCode !== null) || performance.now() > deadline
    if (!isOver) continue
    await stop()
    throw new Error(`the API server does not start:\n${log}`)
  }
  return {
    address: `https://127.0.0.1:${port}`,
    ca,
    signer,
    ask,
    async token(namespace, name, audiences = []) {
      const answer = await ask('POST', `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`, {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { audiences, expirationSeconds: 3600 },
      })
      return String((answer['status'] as Tree)['token'])
    },
    stop,
  }
}
