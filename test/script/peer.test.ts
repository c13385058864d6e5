import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { baoBinary } from '../contract/harness/bao.ts'
import { type PeerKind, type RunningServer, startPeer } from '../contract/harness/server.ts'
import { type Desk, lockstep, openDesk, type Printed, withoutChance } from './run.ts'
import { parseTranscript, type Step } from './transcript.ts'

const folder = fileURLToPath(new URL('peer/', import.meta.url))
const peer = process.env['LOCKSTEP_BAO'] ?? baoBinary()

/** What is compared of what a command printed. The two tools print their own names where they name themselves. */
function seen({ stdout, code }: Printed, { compare }: Step, name: string): { readonly code: number; readonly stdout: string } {
  if (compare === 'code') return { code, stdout: '' }
  const text = withoutChance(stdout.replaceAll(`$(${name} print token)`, '$(… print token)'))
  return {
    code,
    stdout:
      compare === 'all'
        ? text
        : text
            .split('\n')
            .filter(line => compare.test(line))
            .join('\n'),
  }
}

/** The order of headers in a curl command is up to chance in the peer. */
const sorted = (text: string): string =>
  text.replace(/^curl .*$/gm, line => (line.match(/-H "[^"]*"|'(?:[^']|'"'"')*'|\S+/g) ?? []).sort().join(' '))

describe.each(readdirSync(folder).sort())('%s', file => {
  const { steps, files } = parseTranscript(readFileSync(`${folder}/${file}`, 'utf8'))
  const kind: PeerKind = file === 'sealed.txt' ? 'inmem' : 'dev'
  const servers: RunningServer[] = []
  const desks: Desk[] = []
  const results: (readonly [Printed, Printed])[] = []

  // Each tool works on a server of its own, so that what one of them writes is not there before the other does.
  beforeAll(async () => {
    servers.push(...(await Promise.all([startPeer(kind), startPeer(kind)])))
    for (const [i, binary] of [peer, lockstep].entries()) {
      desks.push(openDesk(binary, { BAO_ADDR: servers[i]?.address ?? '', ...(kind === 'dev' ? { BAO_TOKEN: 'root' } : {}) }, files))
    }
    const [theirs, ours] = desks as [Desk, Desk]
    for (const step of steps) results.push(await Promise.all([theirs.run(step), ours.run(step)]))
  }, 300_000)
  afterAll(async () => {
    for (const desk of desks) desk.clear()
    await Promise.all(servers.map(server => server.stop()))
  })

  it.each(steps.map((step, i) => ({ ...step, i })))('line $line: $text', ({ i, ...step }) => {
    const [theirs, ours] = results[i] as readonly [Printed, Printed]
    const expected = seen(theirs, step, 'bao')
    const found = seen(ours, step, 'lockstep')
    const told = `${ours.stderr}\n— the peer: ${theirs.stderr}`
    expect({ code: found.code, stdout: sorted(found.stdout) }, told).toEqual({ code: expected.code, stdout: sorted(expected.stdout) })
  })
})
