import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { ask } from '../../src/cli/prompt.ts'

interface Terminal {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  type(text: string): void
  end(): void
  shown(): string
}

/** Streams in place of stdin and stderr. What is typed is not echoed here, so what is shown is what the prompt wrote. */
function terminal(): Terminal {
  const [input, output] = [new PassThrough(), new PassThrough()]
  let shown = ''
  output.on('data', chunk => (shown += String(chunk)))
  return {
    input: input as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
    type: text => void input.write(text),
    end: () => void input.end(),
    shown: () => shown,
  }
}

describe('ask', () => {
  it('reads one line', async () => {
    const it = terminal()
    const answer = ask(it.input, it.output, 'Name: ', false)
    it.type('ann\nrest')
    expect([await answer, it.shown()]).toEqual(['ann', 'Name: '])
  })

  it('ends the line of the prompt after a secret, which shows nothing', async () => {
    const it = terminal()
    const answer = ask(it.input, it.output, 'Token: ', true)
    it.type('hvs.secret\n')
    expect([await answer, it.shown()]).toEqual(['hvs.secret', 'Token: \n'])
  })

  it('takes a last line that has no end', async () => {
    const it = terminal()
    const answer = ask(it.input, it.output, 'Token: ', true)
    it.type('hvs.secret')
    it.end()
    expect(await answer).toBe('hvs.secret')
  })

  it('fails when the input ends before an answer', async () => {
    const it = terminal()
    const answer = ask(it.input, it.output, 'Token: ', true)
    it.end()
    await expect(answer).rejects.toThrow('input ended before an answer')
  })
})
