import { readFile } from 'node:fs/promises'
import { sourceOfBytes } from '../../../hcl/index.ts'
import { readAccess, type Access } from '../../../reconciler/access/index.ts'
import { policyAddress, placeText } from '../../../reconciler/model/index.ts'
import { CommandFailed, type Context } from '../../command.ts'
import { absolute, exitCodes } from '../../reconcile/index.ts'

export const isFile = (name: string): boolean => name.endsWith('.hcl')

/** The policies of files beside those that are known; a file's policy is named as the file was. @throws CommandFailed */
export async function withFiles(
  ctx: Context,
  access: Access | undefined,
  names: readonly string[],
): Promise<{ readonly access: Access; readonly names: readonly string[] }> {
  const now = ctx.clock.now()
  const files = names.filter(isFile)
  const sources = await Promise.all(files.map(it => read(ctx, it)))
  const own = readAccess(
    sources.map(({ name, text }) => ({
      address: policyAddress(name),
      values: { policy: text },
      from: { file: name, start: START, end: START },
    })),
    { now },
  )
  const [wrong] = own.findings
  if (wrong !== undefined)
    throw new CommandFailed(`${wrong.at === undefined ? '' : `${placeText(wrong.at)}: `}${wrong.summary}`, exitCodes.failed)
  if (access === undefined || files.length === 0) return { access: access ?? own, names }
  return { access: access.with(files.flatMap(it => own.policy(it) ?? [])), names }
}

const START = { line: 1, column: 1, offset: 0 }

async function read(ctx: Context, name: string): Promise<{ readonly name: string; readonly text: string }> {
  try {
    return sourceOfBytes(name, await readFile(absolute(ctx, name)))
  } catch (cause) {
    throw new CommandFailed(`cannot read ${name}: ${(cause as Error).message}`, exitCodes.failed, { cause })
  }
}
