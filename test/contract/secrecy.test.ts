import { createDecipheriv, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLmdb } from '../../src/server/storage/lmdb/index.ts'
import { combine } from '../../src/server/seal/shamir/index.ts'
import { ask, demand, initialise, Installation, unseal, type Keys } from './harness/installation.ts'
import { workingDay } from './secrecy.day.ts'
import { findings, formsOf, keySecret, secret, type Secret } from './secrecy.forms.ts'

/** Nonce, ciphertext, tag. */
function opened(key: Buffer, record: Buffer, bind: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, record.subarray(0, 12), { authTagLength: 16 })
  decipher.setAAD(Buffer.from(bind))
  decipher.setAuthTag(record.subarray(-16))
  return Buffer.concat([decipher.update(record.subarray(12, -16)), decipher.final()])
}

/** The keys that clients never see, worked out from the shares as the server does it: the unseal key, the root key, the keys of the ring. */
async function innerKeys(store: string, shares: readonly string[]): Promise<readonly Secret[]> {
  const unsealKey = Buffer.from(combine(shares.slice(0, 3).map(it => Buffer.from(it, 'hex'))).reveal())
  const storage = await openLmdb({ path: store })
  const [seal, ring] = await Promise.all([storage.get('core/seal'), storage.get('core/keyring')])
  await storage.close()
  const { wrapped } = JSON.parse(Buffer.from(seal ?? []).toString()) as { readonly wrapped: string }
  const root = opened(unsealKey, Buffer.from(wrapped, 'base64'), 'lockstep root key')
  const terms = opened(root, Buffer.from(ring ?? []).subarray(5), 'core/keyring')
  const keys = Array.from({ length: (terms.length - 1) / 52 }, (_, i) => terms.subarray(1 + i * 52 + 20, 1 + i * 52 + 52))
  expect(keys.length, 'the day has rotated the key once').toBe(2)
  return [
    { name: 'the unseal key', bytes: unsealKey },
    { name: 'the root key', bytes: root },
    ...keys.map((bytes, term) => ({ name: `the key of term ${term + 1}`, bytes })),
  ]
}

/** What an audit entry shows by its format: the names of fields, what is told of who asks. */
const isNamed = ({ name }: Secret): boolean => /^(name of a field|display name|meta of|metadata of)/.test(name)

const textsIn = (value: unknown): readonly string[] =>
  typeof value === 'string' ? [value] : typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []

/** Every file below a folder. */
const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(it => it.isFile())
    .map(it => join(it.parentPath, it.name))

/** What other users of the machine can see of a process, and what they can with its rights. */
const processFacts = (pid: number): Buffer =>
  Buffer.concat(['cmdline', 'comm', 'environ', 'status'].map(name => readFileSync(`/proc/${pid}/${name}`)))

describe('after a day with every engine', () => {
  const auditFile = (home: string): string => join(home, 'audit.log')
  const installation = new Installation(home => `audit "file" "day" {\n  options {\n    file_path = "${auditFile(home)}"\n  }\n}\n`)
  const outputs = new Map<string, string>()
  const processes = new Map<string, Buffer>()
  let secrets: readonly Secret[] = []
  let answers: readonly string[] = []
  let keys: Keys

  beforeAll(async () => {
    const first = await installation.start()
    keys = await initialise(first)
    await unseal(first, keys.shares.slice(0, 3))
    const day = await workingDay(first, keys.root, keys.shares)
    answers = day.answers
    processes.set('the first process', processFacts(first.pid))
    await first.stop('SIGKILL')
    outputs.set('the output of the first process', first.output())

    const second = await installation.start()
    const wrong = [1, 2, 3].map(() => randomBytes(33).toString('hex'))
    for (const key of wrong) await ask(second, 'PUT', 'sys/unseal', { body: { key } })
    await unseal(second, day.shares.slice(2))
    await demand(second, 'GET', 'kv/data/after', { token: keys.root })
    await demand(second, 'PUT', 'sys/seal', { token: keys.root })
    processes.set('the second process', processFacts(second.pid))
    await second.stop()
    outputs.set('the output of the second process', second.output())
    secrets = [
      ...day.secrets,
      ...wrong.flatMap((share, index) => keySecret(`wrong share ${index + 1}`, share, 'hex')),
      ...keySecret('the root token', keys.root.slice(4), 'base64url'),
      ...[...keys.shares, ...day.shares].flatMap((share, index) => keySecret(`share ${index + 1}`, share, 'hex')),
      ...(await innerKeys(installation.store, day.shares)),
    ]
  })
  afterAll(() => installation.remove())

  it('has planted secrets of every kind', () => {
    expect(secrets.length).toBeGreaterThan(80)
    expect(new Set(secrets.map(({ bytes }) => bytes.toString('hex'))).size).toBeGreaterThan(80)
    expect(Math.min(...secrets.map(({ bytes }) => bytes.length))).toBeGreaterThanOrEqual(24)
  })

  it('no file of the installation holds a secret, in any form', () => {
    const files = filesBelow(installation.home)
    expect(files).toContain(join(installation.store, 'data.mdb'))
    expect(files).toContain(installation.logFile)
    const audit = auditFile(installation.home)
    expect(files).toContain(audit)
    for (const file of files)
      expect(findings(file, readFileSync(file), file === audit ? secrets.filter(it => !isNamed(it)) : secrets), file).toEqual([])
  })

  it('every text that the audit log holds of what was asked and answered is hashed', () => {
    const entries = readFileSync(auditFile(installation.home), 'utf8').trimEnd().split('\n')
    expect(entries.length).toBeGreaterThan(500)
    const clear = entries.flatMap(line => {
      const { request, response, auth } = JSON.parse(line) as Record<
        'request' | 'response' | 'auth',
        Readonly<Record<string, unknown>> | undefined
      >
      const texts = [request?.['data'], response?.['data']].flatMap(textsIn)
      const tokens = [request, response?.['auth'], auth].flatMap(it =>
        ['client_token', 'client_token_accessor', 'accessor'].map(key => (it as typeof auth)?.[key]),
      )
      return [...texts, ...tokens.filter(it => it !== undefined)].filter(
        it => typeof it !== 'string' || !/^hmac-sha256:[0-9a-f]{64}$/.test(it),
      )
    })
    expect(clear).toEqual([])
  })

  it('no answer about a database tells its password', () => {
    const passwords = secrets.filter(it => it.name.startsWith('password of a database'))
    expect(passwords.length).toBeGreaterThan(15)
    expect(answers.flatMap(it => findings(it.slice(0, 80), Buffer.from(it), passwords))).toEqual([])
  })

  it('nothing that the server has printed holds a secret', () => {
    for (const text of outputs.values()) expect(text).toContain('unsealed')
    expect([...outputs].flatMap(([where, text]) => findings(where, Buffer.from(text), secrets))).toEqual([])
  })

  it('the process list shows none', () => {
    for (const bytes of processes.values()) expect(bytes.includes('server')).toBe(true)
    expect([...processes].flatMap(([where, bytes]) => findings(where, bytes, secrets))).toEqual([])
  })

  it('is searched where it is, and for what is there: paths of secrets stand in the store in clear', () => {
    const store = readFileSync(join(installation.store, 'data.mdb'))
    expect(findings('the store', store, [secret('a path', '/keys/after')])).toEqual(['the store holds a path (raw)'])
  })

  it('would be found in every form that is searched for, wherever it lies', () => {
    const one = secret('one', 'Marker-4b7e9c51-0d2f')
    for (const { form, bytes } of formsOf(one)) {
      for (const before of ['', 'x', 'xx', 'xxx'])
        expect(findings('here', Buffer.concat([Buffer.from(before), bytes, Buffer.from('y')]), [one]), form).not.toEqual([])
    }
    for (const before of ['', '?', '?~', '?~>']) {
      const around = Buffer.concat([Buffer.from(before), one.bytes, Buffer.from('~?')])
      for (const encoding of ['base64', 'base64url'] as const)
        expect(findings('here', Buffer.from(around.toString(encoding)), [one]), `${encoding} behind ${before.length}`).not.toEqual([])
    }
  })
})
