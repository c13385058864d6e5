import type { Diagnostic } from '../../kernel/index.ts'
import { MAX_FINDINGS } from '../parse/index.ts'

/**
 * A refused part of a policy: our findings, and the server's words. Those are one message, or a list of messages that is only
 * joined when it is shown; which of the two decides how a prefix or another message is added, so both are kept apart.
 */
export interface Failure {
  readonly ok: false
  readonly findings: readonly Diagnostic[]
  readonly peer: PeerMessage
}
export type Outcome<T> = { readonly ok: true; readonly value: T } | Failure

export type PeerMessage = { readonly kind: 'one'; readonly text: string } | { readonly kind: 'list'; readonly texts: readonly string[] }

export const done = <T>(value: T): Outcome<T> => ({ ok: true, value })

export const failure = (finding: Diagnostic, peer: string): Failure => ({
  ok: false,
  findings: [finding],
  peer: { kind: 'one', text: peer },
})

/** Several refusals as one list; undefined when there are none. */
export function listOf(failures: readonly Failure[]): Failure | undefined {
  if (failures.length === 0) return undefined
  const texts = failures.flatMap(it => (it.peer.kind === 'list' ? it.peer.texts : [it.peer.text]))
  return { ok: false, findings: findingsOf(failures), peer: { kind: 'list', texts } }
}

/** As many findings as are worth reading. */
export const findingsOf = (failures: readonly Failure[]): readonly Diagnostic[] =>
  failures
    .slice(0, MAX_FINDINGS)
    .flatMap(it => it.findings)
    .slice(0, MAX_FINDINGS)

/** `words: …`, which joins a list to one message. */
export const wrapped = (words: string, it: Failure): Failure => ({ ...it, peer: { kind: 'one', text: `${words}: ${peerText(it.peer)}` } })

/** `words …` before each message of a list. The server fills a pattern, so `{{err}}` in the words is replaced as well. */
export function prefixed(words: string, it: Failure): Failure {
  const fill = (text: string): string => `${words} {{err}}`.split('{{err}}').join(text)
  const peer: PeerMessage =
    it.peer.kind === 'list' ? { kind: 'list', texts: it.peer.texts.map(fill) } : { kind: 'one', text: fill(it.peer.text) }
  return { ...it, peer }
}

export function peerText(peer: PeerMessage): string {
  if (peer.kind === 'one') return peer.text
  const { texts } = peer
  if (texts.length === 1) return `1 error occurred:\n\t* ${texts[0]}\n\n`
  return `${texts.length} errors occurred:\n\t${texts.map(text => `* ${text}`).join('\n\t')}\n\n`
}
