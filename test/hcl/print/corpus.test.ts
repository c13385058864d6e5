import { describe, expect, it } from 'vitest'
import { formatPolicy, parseHcl, print, sourceOfBytes } from '../../../src/hcl/index.ts'
import { recordedAt, recordedBytes, recordedFiles, recordedLayouts } from '../recorded.ts'

/** Where the peer's way of printing does harm, and so ours refuses. */
const refusals: Readonly<Record<string, string>> = {
  'odd-lost-aligned-comment-after-equals.hcl': 'HCL3001',
}

const format = (file: string): ReturnType<typeof formatPolicy> =>
  formatPolicy(sourceOfBytes(file, recordedBytes(file)), { now: recordedAt })

describe('formatPolicy on the recorded files', () => {
  it.each(recordedFiles.filter(it => it.fmt_ok && refusals[it.file] === undefined))(
    'prints $file as the peer does',
    ({ file, fmt_output }) => {
      expect(format(file).value).toBe(fmt_output)
    },
  )

  it.each(recordedFiles.filter(it => !it.fmt_ok))('refuses $file with the words of the peer', ({ file, fmt_error }) => {
    const { value, findings, peerError } = format(file)
    expect(value).toBeUndefined()
    expect(peerError?.trimEnd()).toBe(fmt_error)
    expect(findings[0]?.at).toBeDefined()
  })

  it.each(Object.entries(refusals))('refuses %s, which the peer harms: %s', (file, code) => {
    const { value, findings, peerError } = format(file)
    expect(value).toBeUndefined()
    expect(peerError).toBeUndefined()
    expect(findings.map(it => it.code)).toContain(code)
  })
})

describe('print', () => {
  it.each(recordedLayouts)('lays out $text as the peer does', ({ text, formatted }) => {
    const parsed = parseHcl({ name: 'p.hcl', text })
    expect(parsed.ok && print(parsed.value).text).toBe(formatted)
  })
})
