import type { Checked, Diagnostic, SourceFile } from '../../kernel/index.ts'
import { parseHcl, parseText, rangeOfToken, tokenText, type HclTree } from '../parse/index.ts'
import { decodePolicy, isBase64, type PolicyOptions } from '../policy/index.ts'
import { goQuote } from '../text/index.ts'
import { print, type Printed } from './printer.ts'
import { repeatedKey, type RepeatedKey } from './repeated-key.ts'
import { firstDifference } from './same-meaning.ts'

/** `peerError`: what the peer's own `policy fmt` prints when it refuses too; absent when only we refuse. */
export type Formatted = Checked<string> & { readonly peerError?: string }

/**
 * A policy text as it should look, byte for byte as the peer's `policy fmt` prints it. Refused is what the peer refuses, and what
 * its way of printing would harm: a comment that would vanish, a rule that would change. A value may come with warnings.
 */
export function formatPolicy(file: SourceFile, options: PolicyOptions): Formatted {
  const parsed = parseText(file)
  if (!parsed.ok)
    return { findings: parsed.refusals.map(it => it.finding), peerError: `failed to parse policy: ${parsed.refusals[0]?.peer ?? ''}` }
  const tree = parsed.value
  const { findings, peerError } = decodePolicy(tree, options)
  if (peerError !== undefined) return { findings, peerError }
  if (tree.dialect === 'json') return refusedJson(tree)
  const repeated = repeatedKey(tree)
  if (repeated !== undefined) return refusedRepetition(tree, repeated)
  if (isBase64(file.text) && file.text.trim() !== '') return { findings: [base64(file)] }
  return checked(tree, print(tree))
}

/** Looks at what would be written: is every comment there, and does it still say the same? */
function checked(tree: HclTree, printed: Printed): Formatted {
  // Nothing moves, so nothing is lost; and of many files most are as they should be.
  if (printed.text === tree.source.text) return { value: printed.text, findings: [] }
  const lost = lostComments(tree, printed)
  if (lost.length > 0) return { findings: lost.map(token => lostComment(tree, token)) }
  const again = parseHcl({ name: tree.source.name, text: printed.text })
  if (!again.ok) return { findings: [changed(tree, misplaced(tree), again.refusals[0]?.finding.summary)] }
  const difference = firstDifference(tree, again.value)
  if (difference !== undefined) return { findings: [changed(tree, difference, undefined)] }
  return { value: printed.text, findings: warnings(tree, printed) }
}

function lostComments(tree: HclTree, { comments }: Printed): number[] {
  const lost: number[] = []
  for (const { first, last } of tree.comments) {
    for (let token = first; token <= last; token++) if (!comments.has(token)) lost.push(token)
  }
  return lost
}

/** What breaks a printed text is a comment that lands where it swallows something: the first that follows on a line. */
function misplaced(tree: HclTree): number {
  const tail = tree.comments.find(({ first }) => first > 0 && tree.tokens.line(first) === tree.tokens.line(first - 1))
  return tail?.first ?? tree.comments[0]?.first ?? 0
}

function refusedJson(tree: HclTree): Formatted {
  const at = rangeOfToken(tree, 0)
  const finding = {
    code: 'HCL3003',
    severity: 'error',
    summary: 'a policy in JSON cannot be formatted',
    detail: 'write it in HCL: path "secret/x" { … }',
    at,
  } as const
  return {
    findings: [finding],
    peerError: `Error printing result: At ${at.start.line}:${at.start.column}: expected: IDENT | STRING got: LBRACE`,
  }
}

function refusedRepetition(tree: HclTree, { key, within }: RepeatedKey): Formatted {
  const at = rangeOfToken(tree, key)
  const text = tokenText(tree, key)
  const finding = {
    code: 'HCL3006',
    severity: 'error',
    summary: `${text} is set twice in the same body`,
    detail: 'the server adds lists and keeps the last of other values; write it once',
    at,
  } as const
  const argument = `The argument ${goQuote(text)} at ${placeOf(tree, key)} was already set. Each argument can only be defined once`
  const words = within.reduce(
    (inner, { kind, open }) => `At ${placeOf(tree, open)}: error while trying to parse ${kind} within list: ${inner}`,
    argument,
  )
  return { findings: [finding], peerError: `Error printing result: ${words}` }
}

function placeOf(tree: HclTree, token: number): string {
  const { line, column } = tree.lines.position(tree.tokens.start(token))
  return `${line}:${column}`
}

const base64 = (file: SourceFile): Diagnostic => ({
  code: 'HCL3004',
  severity: 'error',
  summary: `${file.name} is base64 as a whole`,
  detail: 'the server decodes such a text before it reads it; write the decoded policy',
})

const lostComment = (tree: HclTree, token: number): Diagnostic => ({
  code: 'HCL3001',
  severity: 'error',
  summary: 'formatting would lose this comment',
  detail: 'put it on a line of its own above the attribute',
  at: rangeOfToken(tree, token),
})

const changed = (tree: HclTree, token: number, why: string | undefined): Diagnostic => ({
  code: 'HCL3002',
  severity: 'error',
  summary: 'formatting would change what the text says',
  detail:
    why === undefined
      ? 'comments near this place would land where they swallow it'
      : `the result could not be read: ${why}; move the comment to a line of its own`,
  at: rangeOfToken(tree, token),
})

function warnings(tree: HclTree, { joined }: Printed): Diagnostic[] {
  const found: Diagnostic[] = joined.map(token => ({
    code: 'HCL3007',
    severity: 'warning',
    summary: 'formatting joins this comment with the one above',
    detail: 'remove the empty line below them, or put one between them',
    at: rangeOfToken(tree, token),
  }))
  if (tree.unfinished !== undefined) {
    const at = rangeOfToken(tree, tree.unfinished)
    found.push({
      code: 'HCL3005',
      severity: 'warning',
      summary: 'formatting drops the last key, which has no value',
      detail: 'the server drops it as well',
      at,
    })
  }
  return found
}
