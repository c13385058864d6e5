import { appendFile } from 'node:fs/promises'
import { CommandFailed, type Context } from '../command.ts'

/** Appends to the file that a variable of GitHub Actions names; outside of a job it is printed. @throws CommandFailed */
export async function appendTo(ctx: Context, variable: string, text: string): Promise<void> {
  const path = ctx.env[variable] ?? ''
  if (path === '') return ctx.stdout.write(text)
  await appendFile(path, text).catch((cause: Error) => {
    throw new CommandFailed(`cannot write the file of ${variable}: ${cause.message}`, 1, { cause })
  })
}

/** Outputs of a step. The values are words, numbers and hashes, so none can begin a line of its own. */
export const setOutputs = async (ctx: Context, outputs: Readonly<Record<string, string | number>>): Promise<void> =>
  await appendTo(
    ctx,
    'GITHUB_OUTPUT',
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${String(value).replace(/[\r\n]+/g, ' ')}\n`)
      .join(''),
  )
