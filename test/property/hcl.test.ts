import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatPolicy,
  parseConfig,
  parseHcl,
  parsePolicy,
  parseText,
  print,
  renderDiagnostic,
  sourceOfBytes,
  tokenText,
  type HclTree,
  type PolicyDoc,
} from '../../src/hcl/index.ts'
import { lint, rules } from '../../src/reconciler/rules/index.ts'
import { anyText, broken, hclText, policyText } from './hcl-documents.ts'

const now = new Date('2026-01-01T00:00:00Z')
const file = (text: string): { readonly name: string; readonly text: string } => ({ name: 'p.hcl', text })
const runs = { numRuns: 500 }

function tree(text: string): HclTree {
  const parsed = parseHcl(file(text))
  fc.pre(parsed.ok)
  if (!parsed.ok) throw new Error('unreachable')
  return parsed.value
}

/** What a policy says, without where it says it. */
const meaning = (it: PolicyDoc | undefined): unknown =>
  it === undefined ? undefined : { name: it.name, rules: it.rules.map(rule => ({ ...rule, at: undefined, item: undefined })) }

const codesOf = (text: string): readonly string[] =>
  lint({ policies: [{ file: file(text), name: 'p' }], now }, Object.values(rules)).map(it => it.code)

/** The letters of all comments; blanks do not count, because lines of a block comment move. */
const commentLetters = (it: HclTree): string[] =>
  it.comments
    .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => tokenText(it, first + i)))
    .map(text => text.replace(/\s/g, ''))
    .sort()

describe('any text', () => {
  it('is parsed, formatted and read as configuration without a throw, and every finding has a place in it', () => {
    fc.assert(
      fc.property(fc.oneof(anyText, fc.string({ unit: 'binary' })), text => {
        const source = file(text)
        const policy = parsePolicy(source, { now })
        expect(policy.value === undefined).toBe(policy.peerError !== undefined)
        expect(policy.value === undefined).toBe(policy.findings.length > 0)
        for (const finding of [...policy.findings, ...parseConfig(source).findings, ...formatPolicy(source, { now }).findings]) {
          expect(renderDiagnostic(finding, source)).not.toMatch(/(?!\n|\t)\p{Cc}/u)
          if (finding.at === undefined) continue
          expect(finding.at.start.offset).toBeLessThanOrEqual(finding.at.end.offset)
          expect(finding.at.end.offset).toBeLessThanOrEqual(text.length)
        }
      }),
      runs,
    )
  })

  it('survives as bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), text => {
        expect(sourceOfBytes('x', Buffer.from(text)).text).toBe(text.toWellFormed())
      }),
      runs,
    )
  })

  it('is refused by the formatter where it is refused as a policy, in the same words', () => {
    fc.assert(
      fc.property(anyText, text => {
        const { peerError } = parsePolicy(file(text), { now })
        fc.pre(peerError !== undefined)
        expect(formatPolicy(file(text), { now })).toMatchObject({ peerError })
      }),
      runs,
    )
  })
})

describe('a tree', () => {
  it('has tokens that cover everything but blanks, in text order', () => {
    fc.assert(
      fc.property(fc.oneof(hclText, policyText, broken(hclText)), text => {
        const { tokens } = tree(text)
        let end = 0
        for (let token = 0; token < tokens.count; token++) {
          expect(text.slice(end, tokens.start(token))).toMatch(/^[ \t\r\n]*$/)
          expect(tokens.line(token)).toBe(text.slice(0, tokens.start(token)).split('\n').length)
          end = tokens.end(token)
        }
        expect(end).toBe(text.length)
      }),
      runs,
    )
  })
})

describe('formatting', () => {
  it('keeps what a policy means', () => {
    fc.assert(
      fc.property(policyText, text => {
        const { value } = formatPolicy(file(text), { now })
        fc.pre(value !== undefined)
        expect(meaning(parsePolicy(file(value ?? ''), { now }).value)).toEqual(meaning(parsePolicy(file(text), { now }).value))
      }),
      runs,
    )
  })

  it('keeps every comment, or joins it to one before it and says so', () => {
    fc.assert(
      fc.property(policyText, text => {
        const { value, findings } = formatPolicy(file(text), { now })
        fc.pre(value !== undefined)
        const before = commentLetters(tree(text))
        const after = commentLetters(tree(value ?? ''))
        if (findings.length === 0) expect(after).toEqual(before)
        else for (const letters of before) expect(after.join('\n')).toContain(letters)
      }),
      runs,
    )
  })

  it('of formatted text changes nothing, or the linter warns of it', () => {
    fc.assert(
      fc.property(policyText, text => {
        const { value } = formatPolicy(file(text), { now })
        fc.pre(value !== undefined && !text.includes('1e'))
        if (formatPolicy(file(value ?? ''), { now }).value !== value) {
          // A block behind an attribute of the same name is one more odd case; both are errors already.
          expect(codesOf(text).filter(it => it === 'fmt-unsafe' || it === 'duplicate-key')).not.toEqual([])
        }
      }),
      runs,
    )
  })

  it('prints every comment at least once, or not the text', () => {
    fc.assert(
      fc.property(hclText, text => {
        const parsed = tree(text)
        const printed = print(parsed)
        const again = parseText(file(printed.text))
        fc.pre(again.ok)
        for (const token of printed.comments.keys()) expect(printed.text).toContain(tokenText(parsed, token).split('\n')[0]?.trim())
      }),
      runs,
    )
  })
})
