import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { audit } from './audit.scenario.ts'
import { jsonDifferences, Pairs } from './harness/compare.ts'
import { duel, report } from './harness/duel.ts'
import { startOurs, startPeer, type RunningServer } from './harness/server.ts'

interface Line {
  readonly text: string
  readonly entry: {
    readonly time: string
    readonly type: string
    readonly request: { readonly path: string; readonly operation: string }
    readonly error?: string
  }
}

/**
 * What differs by right: when and from which port; what we say more; times in answers, which the peer shows in clear and we hash as
 * all other strings (docs/compatibility.md).
 */
const EXCEPT = ['time', 'token_issue_time', 'remote_port', 'rule', 'rule_policies', 'reason', 'created_time', 'creation_time', 'issue_time']

const linesOf = (server: RunningServer, name: string): readonly Line[] =>
  readFileSync(join(server.home, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map(text => ({ text, entry: JSON.parse(text) as Line['entry'] }))

/** Who counts as one client is worked out from the id of the namespace too, which is each server's own. */
const isClientBelow = (difference: string, text: string): boolean =>
  difference.startsWith('json.request.client_id: peer "') && text.includes('"policies":["default","p"]')

/** Where a refusal of the peer's is no error of its program, it says so in the answer only; each server's folder is its own. */
const byRight = (difference: string, { text }: Line): boolean =>
  isClientBelow(difference, text) ||
  difference.startsWith('json.error: peer nothing, ours "1 error occurred:\\n\\t* invalid request') ||
  difference.includes('file_path: peer "/tmp/')

const told = ({ text, entry }: Line): { readonly text: string; readonly at: number } => ({ text, at: Date.parse(entry.time) })

describe('audit devices beside the peer', () => {
  let servers: readonly RunningServer[] = []
  let outcomes: Awaited<ReturnType<typeof duel>> = new Map()
  beforeAll(async () => {
    const peer = await startPeer(audit.server, audit.config)
    servers = [peer]
    const ours = await startOurs(audit.server, audit.config)
    servers = [peer, ours]
    outcomes = await duel(audit, peer, ours)
  })
  afterAll(() => Promise.all(servers.map(it => it.stop())))

  describe.each(audit.scenarios.map(it => it.name))('%s', name => {
    it('is answered as by the peer', () => {
      const differing = (outcomes.get(name) ?? []).filter(it => it.differences.length > 0)
      expect(differing.map(report).join('\n\n')).toBe('')
    })
  })

  it.each(['main.log', 'raw.log', 'elided.log'])('leave the same entries in %s', name => {
    const [peer = [], ours = []] = servers.map(it => linesOf(it, name))
    const shape = (lines: readonly Line[]): readonly string[] =>
      lines.map(({ entry }) => `${entry.type} ${entry.request.operation} ${entry.request.path}`)
    expect(shape(ours)).toEqual(shape(peer))
    const pairs = new Pairs()
    const differing = peer.flatMap((theirs, index) => {
      const mine = ours[index] as Line
      const found = jsonDifferences(told(theirs), told(mine), pairs, EXCEPT).filter(it => !byRight(it, theirs))
      return found.length === 0 ? [] : [`${index + 1} ${theirs.entry.request.path}`, ...found.map(it => `    ${it}`)]
    })
    expect(differing.join('\n')).toBe('')
  })

  it('say which rule decided, and why not', () => {
    const [, ours] = servers
    const texts = linesOf(ours as RunningServer, 'main.log').map(it => it.text)
    const about = (path: string): string => texts.find(it => it.includes(`"path":"${path}"`)) ?? ''
    expect(about('secret/data/no')).toContain('"allowed":false,"rule":"secret/data/no","rule_policies":["p1"],"reason":"deny"')
    expect(about('secret/data/other')).toContain('"allowed":false,"reason":"no-rule"')
    expect(about('secret/data/ok/x')).toContain('"rule":"secret/data/ok/*","rule_policies":["p1","p2"]')
  })
})
