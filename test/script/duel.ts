import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { baoBinary } from '../contract/harness/bao.ts'
import { type PeerKind, type RunningServer, startPeer } from '../contract/harness/server.ts'
import { openDesk, ours, type Printed, theirs, withoutChance } from './desk.ts'
import { parseTranscript, type Step } from './transcript.ts'

/** What is compared of what a command printed. The two tools print their own names where they name themselves. */
function seen({ stdout, code }: Printed, { compare }: Step, name: string): Pick<Printed, 'code' | 'stdout'> {
  if (compare === 'code') return { code, stdout: '' }
  const text = ordered(withoutChance(stdout.replaceAll(`$(${name} print token)`, '$(… print token)')))
  if (compare === 'all') return { code, stdout: text }
  const lines = text.split('\n').filter(line => compare.test(line))
  return { code, stdout: lines.join('\n') }
}

/** The order of headers in a curl command is up to chance in the peer. */
const ordered = (text: string): string =>
  text.replace(/^curl .*$/gm, line => (line.match(/-H "[^"]*"|'(?:[^']|'"'"')*'|\S+/g) ?? []).sort().join(' '))

/**
 * Runs a transcript by the peer's command line and by ours, each against a server of its own, so that what one of them writes is
 * not there before the other does; and compares what they print and their exit codes.
 */
export function duel(name: string, kind: PeerKind = 'dev'): void {
  const { steps, files } = parseTranscript(readFileSync(fileURLToPath(new URL(`peer/${name}.txt`, import.meta.url)), 'utf8'))
  const servers: RunningServer[] = []
  const results: (readonly [Printed, Printed])[] = []

  beforeAll(async () => {
    servers.push(...(await Promise.all([startPeer(kind), startPeer(kind)])))
    const [one, other] = servers as [RunningServer, RunningServer]
    const token = kind === 'dev' ? { BAO_TOKEN: 'root' } : {}
    using peer = openDesk(theirs(process.env['LOCKSTEP_BAO'] ?? baoBinary()), { BAO_ADDR: one.address, ...token }, files)
    using own = openDesk(ours, { BAO_ADDR: other.address, ...token }, files)
    for (const step of steps) results.push(await Promise.all([peer.run(step), own.run(step)]))
  }, 600_000)
  afterAll(async () => {
    await Promise.all(servers.map(server => server.stop()))
  })

  it.each(steps.map((step, i) => ({ ...step, i })))('line $line: $text', ({ i, ...step }) => {
    const [peer, own] = results[i] as readonly [Printed, Printed]
    expect(seen(own, step, 'lockstep'), `${own.stderr}\n— the peer: ${peer.stderr}`).toEqual(seen(peer, step, 'bao'))
  })
}
