/** `npm run demo:payments`: the story of a pod that gets a database user of its own, and loses it when the lease ends. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { podFiles, ROOT_PASSWORD, startWorld, type World } from './world.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const tell = (text: string): void => say(`\n# ${text}`)

interface Ran {
  readonly code: number
  readonly out: string
}

/** Shows a command as a person would type it, runs it, shows what it prints. */
async function shell(world: World, command: string, env: Readonly<Record<string, string>> = {}): Promise<Ran> {
  const words = Object.entries(env).map(([name, value]) => `${name}=${value.length > 24 ? `${value.slice(0, 12)}…` : value} `)
  say(`$ ${words.join('')}${command}`)
  const child = spawn('sh', ['-c', command], { cwd: world.folder, env: { ...world.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, all] = ['', '']
  child.stdout.on('data', chunk => ((out += String(chunk)), (all += String(chunk))))
  child.stderr.on('data', chunk => (all += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  const shown = all.trimEnd().replace(/\b(hv[sb]\.\S{8})\S+/g, '$1…')
  if (shown !== '') say(shown)
  return { code: code ?? -1, out: out.trim() }
}

async function must(running: Promise<Ran>): Promise<string> {
  const ran = await running
  if (ran.code !== 0) throw new Error(`that should have worked (exit code ${ran.code})`)
  return ran.out
}

async function mustNot(running: Promise<Ran>): Promise<void> {
  if ((await running).code === 0) throw new Error('that should have been refused')
}

/** The files of this repository that the story needs, for this cluster: only its CA differs. */
function writeRepository(world: World): void {
  const repository = join(world.folder, 'repository')
  for (const folder of ['policies', 'roles', 'engines']) mkdirSync(join(repository, folder), { recursive: true })
  cpSync(join(root, 'policies', 'payments-read.hcl'), join(repository, 'policies', 'payments-read.hcl'))
  cpSync(join(root, 'engines', 'database.yaml'), join(repository, 'engines', 'database.yaml'))
  const roles = readFileSync(join(root, 'roles', 'kubernetes.yaml'), 'utf8')
  const indented = world.kubernetes.ca.trim().replaceAll('\n', '\n    ')
  writeFileSync(
    join(repository, 'roles', 'kubernetes.yaml'),
    roles.replace(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/, indented),
  )
}

async function queryAs(world: World, username: string, password: string): Promise<boolean> {
  const text = 'SELECT sum(amount) FROM payments'
  say(`$ PGPASSWORD=… psql -h postgres.internal -U ${username} payments -c '${text}'`)
  try {
    say(`  ${String((await world.query(username, password, text))[0])}`)
    return true
  } catch (cause) {
    say(`  ${(cause as Error).message}`)
    return false
  }
}

async function story(world: World): Promise<void> {
  const pod = join(world.folder, 'pod')
  await podFiles(world, 'production', 'payments-api', pod)
  await podFiles(world, 'staging', 'payments-api', join(world.folder, 'other-pod'))
  // roles/kubernetes.yaml names no reviewer: each pod asks the cluster about itself.
  world.kubernetes.reviewers.add('production/payments-api').add('staging/payments-api')
  writeRepository(world)

  tell('What is to be is a repository: a policy, a role for the pods, a database and who may read it.')
  await must(shell(world, 'cat repository/engines/database.yaml; tail -n 7 repository/roles/kubernetes.yaml'))

  tell('A plan shows what would change; the password of the database stands in no file, plan or log.')
  const secrets = { PAYMENTS_DB_PASSWORD: ROOT_PASSWORD }
  await must(shell(world, 'lockstep apply -dir=repository -auto-approve', secrets))
  tell('Planned again, nothing is left to do.')
  await must(shell(world, 'lockstep plan -dir=repository -detailed-exitcode', secrets))

  tell('A pod of payments-api logs in with the token that Kubernetes gave it. It has no other secret.')
  const asNobody = { VAULT_TOKEN: '' }
  const login = 'vault write -field=token auth/kubernetes/login role=payments-api jwt=@pod/token'
  const token = await must(shell(world, login, asNobody))
  const asPod = { VAULT_TOKEN: token }

  tell('The same account of another namespace is not let in, nor is a token that nobody signed.')
  await mustNot(shell(world, login.replace('@pod/', '@other-pod/'), asNobody))
  await mustNot(shell(world, 'vault write auth/kubernetes/login role=payments-api jwt=a.b.c', asNobody))

  tell('It asks for a database user, and gets one that is its own.')
  const read = await must(shell(world, 'vault read -format=json database/creds/payments-readonly', asPod))
  const { lease_id: lease, data } = JSON.parse(read) as { lease_id: string; data: { username: string; password: string } }

  tell('With it, it reads the payments, and cannot change them.')
  if (!(await queryAs(world, data.username, data.password))) throw new Error('that should have worked')
  const refused = await world
    .query(data.username, data.password, 'DELETE FROM payments')
    .catch((cause: unknown) => (cause as Error).message)
  say(`$ … -c 'DELETE FROM payments'\n  ${String(refused)}`)
  if (!/permission denied/.test(String(refused))) throw new Error('that should have been refused')

  tell('It may read nothing else.')
  await mustNot(shell(world, 'vault read database/config/payments-db', asPod))

  tell('As long as it lives, it renews the lease.')
  await must(shell(world, `vault lease renew ${lease}`))

  tell('It is gone now, and the operator ends its lease: the database knows the user no more.')
  await must(shell(world, `vault lease revoke -sync ${lease}`))
  if (await queryAs(world, data.username, data.password)) throw new Error('that should have been refused')
  const left = await world.postgres.query("SELECT rolname FROM pg_roles WHERE rolname LIKE 'v-%'")
  if (left.length > 0) throw new Error('a user is left at the database')

  tell('And when its service account is deleted, its token is worth nothing.')
  world.kubernetes.accounts.delete('production/payments-api')
  say('$ kubectl -n production delete serviceaccount payments-api')
  await mustNot(shell(world, login, asNobody))
  tell('That is all. Everything that was started for this is ended.')
}

tell('Starting PostgreSQL, a Kubernetes API (a stand-in that reviews tokens) and the server.')
const world = await startWorld()
try {
  await story(world)
} finally {
  await world.stop()
}
