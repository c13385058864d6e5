import { describe, expect, it } from 'vitest'
import { sourceOfBytes } from '../../../src/hcl/index.ts'
import { decodePolicyText, parsePolicy } from '../../../src/hcl/policy/index.ts'
import { recordedAt, recordedBytes, recordedFiles, recordedVerdicts } from '../recorded.ts'

/** The server refuses the empty text before it parses it. */
const files = recordedFiles.filter(it => it.file !== 'empty-file.hcl')

/** The command line replaces broken bytes before it sends them. */
const sent = (file: string): string => decodePolicyText(new TextDecoder('utf-8', { ignoreBOM: true }).decode(recordedBytes(file)))

/** The command line shows the server's messages as a list and cuts the blanks at its end. */
const serverMessage = (shown: string): string => shown.slice(shown.indexOf('* ') + 2)

describe('parsePolicy on the recorded files', () => {
  it.each(files.filter(it => it.write_ok).map(it => it.file))('accepts %s', file => {
    const { value, findings } = parsePolicy({ name: file, text: sent(file) }, { now: recordedAt })
    expect(findings).toEqual([])
    expect(value).toBeDefined()
  })

  it.each(files.filter(it => !it.write_ok))('refuses $file with the same words', ({ file, write_error }) => {
    const { value, findings, peerError } = parsePolicy({ name: file, text: sent(file) }, { now: recordedAt })
    expect(value).toBeUndefined()
    expect(peerError?.trimEnd()).toBe(serverMessage(write_error ?? ''))
    expect(findings.length).toBeGreaterThan(0)
    for (const finding of findings) expect(finding.at?.file).toBe(file)
  })
})

describe('parsePolicy on the recorded verdicts', () => {
  it.each(recordedVerdicts)('says the same to $text', ({ text, error }) => {
    const { value, peerError } = parsePolicy({ name: 'p.hcl', text: decodePolicyText(text) }, { now: recordedAt })
    expect(peerError ?? null).toBe(error)
    expect(value === undefined).toBe(error !== null)
  })
})

describe('parsePolicy on bytes that are no UTF-8', () => {
  // As `policy fmt` says it of such a file; the server never sees the bytes, because JSON cannot carry them.
  it.each([
    ['path "a" {\n  # \xff\xfe x\n}\n', 'At 2:6: illegal UTF-8 encoding'],
    ['path "\xc3\x28" {}\n', 'At 1:7: illegal UTF-8 encoding'],
    ['path "a" {}\n\xe2\x82', 'At 2:1: illegal char'],
    ['{"path":{"\xff":{}}}', '1:11: illegal UTF-8 encoding'],
  ])('refuses %j at its place', (latin1, message) => {
    const { findings, peerError } = parsePolicy(sourceOfBytes('p.hcl', Buffer.from(latin1, 'latin1')), { now: recordedAt })
    expect(peerError).toBe(`failed to parse policy: ${message}`)
    expect(findings.map(it => it.code)).toContain('HCL1002')
  })
})
