import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodePolicyText, formatPolicy, parsePolicy, sourceOfBytes } from '../../src/hcl/index.ts'
import { anyText, policyText } from '../property/hcl-documents.ts'
import { baoBinary } from './harness/bao.ts'
import { send } from './harness/http.ts'
import { environment, startPeer, type RunningServer } from './harness/server.ts'

/**
 * Random documents, valid, nearly valid, and broken, HCL and JSON, as the peer takes and formats them. So many by default that it
 * takes seconds; `LOCKSTEP_DOCUMENTS=20000 LOCKSTEP_SEED=7` is a long run of other ones. To format needs a process a document, so
 * fewer are formatted.
 */
const documents = Number(process.env['LOCKSTEP_DOCUMENTS'] ?? 2_000)
const formatted = Math.ceil(documents / 40)
const seed = Number(process.env['LOCKSTEP_SEED'] ?? 4)
const patience = 30_000 + documents * 60

let peer: RunningServer
let dir = ''
beforeAll(async () => {
  peer = await startPeer('dev')
  dir = await mkdtemp(join(tmpdir(), 'lockstep-language-'))
})
afterAll(async () => {
  await peer.stop()
  await rm(dir, { recursive: true })
})

/** The peer's parser breaks down over some broken escapes in JSON; its server then hangs up, and its command shows a stack. */
const brokenDown = 'broken down'

/** Undefined where the policy is taken, else the words of the refusal. */
async function peerVerdict(policy: string): Promise<string | undefined> {
  const answer = await send(peer.address, {
    method: 'PUT',
    path: '/v1/sys/policies/acl/random',
    headers: { 'x-vault-token': 'root' },
    body: JSON.stringify({ policy }),
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ECONNRESET') return undefined
    throw error
  })
  if (answer === undefined) return brokenDown
  const { status, text } = answer
  if (status === 204) return undefined
  return `${status} ${(JSON.parse(text) as { readonly errors: readonly string[] }).errors.join('; ')}`
}

function ownVerdict(policy: string): string | undefined {
  if (policy === '') return "400 'policy' parameter not supplied or empty"
  const { peerError } = parsePolicy({ name: 'random', text: decodePolicyText(policy) }, { now: new Date() })
  return peerError === undefined ? undefined : `400 ${peerError}`
}

interface Format {
  readonly code: number
  readonly stderr: string
  /** What stands in the file afterwards. */
  readonly text: string
}

async function peerFormat(text: string): Promise<Format> {
  const file = join(dir, 'random.hcl')
  await writeFile(file, text)
  const { code, stderr } = await new Promise<{ readonly code: number; readonly stderr: string }>(done => {
    execFile(baoBinary(), ['policy', 'fmt', file], { env: environment(dir) }, (error, _stdout, said) => {
      const isBroken = said.startsWith('panic: ')
      done({ code: error === null ? 0 : isBroken ? 1 : Number(error.code), stderr: isBroken ? brokenDown : said.trimEnd() })
    })
  })
  return { code, stderr, text: await readFile(file, 'utf8') }
}

/** Undefined where only we refuse, because the peer's way of printing would do harm. */
function ownFormat(text: string): Format | undefined {
  const { value, peerError, findings } = formatPolicy(sourceOfBytes('random.hcl', Buffer.from(text)), { now: new Date() })
  if (value !== undefined) return { code: 0, stderr: '', text: value }
  if (peerError !== undefined) return { code: 1, stderr: peerError.trimEnd(), text }
  expect(findings.map(it => it.code).filter(it => !/^HCL300[1-4]$/.test(it))).toEqual([])
  return undefined
}

describe('the policy language', () => {
  it(
    `has the peer's verdict on ${documents} random documents, in its words`,
    async () => {
      await fc.assert(
        fc.asyncProperty(anyText, async text => {
          const verdict = await peerVerdict(text)
          if (verdict === brokenDown) expect(ownVerdict(text)).toMatch(/^400 failed to parse policy: /)
          else expect(ownVerdict(text)).toBe(verdict)
        }),
        { numRuns: documents, seed },
      )
    },
    patience,
  )

  it(
    `is formatted byte for byte as by the peer's command, on ${formatted} random documents, or not at all`,
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: policyText }, anyText), async text => {
          const own = ownFormat(text.toWellFormed())
          if (own === undefined) return
          const theirs = await peerFormat(text.toWellFormed())
          expect(own).toEqual(theirs.stderr === brokenDown ? { ...theirs, stderr: own.stderr } : theirs)
        }),
        { numRuns: formatted, seed },
      )
    },
    patience,
  )
})
