import { createInterface } from 'node:readline'
import { CommandFailed } from './command.ts'

/**
 * Asks one question and reads one line. On a terminal a secret is read without echo; from a pipe it is the next line.
 * @throws CommandFailed when the input ends first, or on Ctrl-C
 */
export function ask(input: NodeJS.ReadStream, output: NodeJS.WriteStream, prompt: string, secret: boolean): Promise<string> {
  output.write(prompt)
  return new Promise((resolve, reject) => {
    // Without an output, readline in terminal mode reads raw and echoes nothing.
    const lines = createInterface(secret && input.isTTY ? { input, terminal: true } : { input, terminal: false })
    let done = false
    const end = (settle: () => void): void => {
      if (done) return
      done = true
      lines.close()
      if (secret) output.write('\n')
      settle()
    }
    lines.once('line', line => end(() => resolve(line)))
    lines.once('SIGINT', () => end(() => reject(new CommandFailed('interrupted'))))
    lines.once('close', () => end(() => reject(new CommandFailed('input ended before an answer'))))
  })
}
