import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Desk, openDesk, type Printed, theirs } from './desk.ts'
import { parseTranscript } from './transcript.ts'

const lockstep = fileURLToPath(new URL('../../bin/lockstep', import.meta.url))
const folder = fileURLToPath(new URL('own/', import.meta.url))

/** `...` as the last line stands for whatever follows. The folder has a name by chance. */
function matched(text: string, home: string, expected: readonly string[]): { readonly found: string; readonly wanted: string } {
  const lines = text.replaceAll(home, '<folder>').replace(/\n$/, '').split('\n')
  const open = expected.at(-1) === '...'
  const wanted = open ? expected.slice(0, -1) : expected
  return { found: (open ? lines.slice(0, wanted.length) : lines).join('\n'), wanted: wanted.join('\n') }
}

describe.each(readdirSync(folder).sort())('bin/lockstep, over own/%s', file => {
  const { steps, files } = parseTranscript(readFileSync(`${folder}/${file}`, 'utf8'))
  const printed: Printed[] = []
  let desk: Desk | undefined

  beforeAll(async () => {
    desk = openDesk(theirs(lockstep), {}, files)
    for (const step of steps) printed.push(await desk.run(step))
  })
  afterAll(() => desk?.[Symbol.dispose]())

  it.each(steps.map((step, i) => ({ ...step, i })))('line $line: $text', ({ i, code, stdout, stderr }) => {
    const it = printed[i] as Printed
    const out = matched(it.stdout, desk?.folder ?? '', stdout)
    const err = matched(it.stderr, desk?.folder ?? '', stderr)
    expect({ code: it.code, stdout: out.found, stderr: err.found }).toEqual({ code, stdout: out.wanted, stderr: err.wanted })
  })
})
