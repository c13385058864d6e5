import type { Client } from '../../../client/index.ts'
import { attempt, write } from '../../api/index.ts'
import type { Context } from '../../command.ts'
import { goText, type Secret } from '../../output/index.ts'

interface Method {
  readonly id?: string
  readonly name?: string
  readonly type?: string
  readonly uses_passcode?: boolean
}
type Constraints = Readonly<Record<string, { readonly any?: readonly Method[] }>>

/** The methods to ask codes of, one for each constraint; undefined when one can be satisfied by none with a code. */
function methodsOf(constraints: Constraints): readonly Method[] | undefined {
  const chosen = new Map<string, Method>()
  for (const { any = [] } of Object.values(constraints)) {
    const codes = any.filter(it => it.uses_passcode === true && it.id !== undefined)
    const method = codes.find(it => chosen.has(it.id ?? '')) ?? codes[0]
    if (method === undefined) return undefined
    chosen.set(method.id ?? '', method)
  }
  return [...chosen.values()]
}

/** Asks for the codes that a login waits for, and ends it with them. Undefined when nobody, or nothing, can be asked. */
export async function secondFactor(ctx: Context, client: Client, reply: Secret): Promise<Secret | undefined> {
  if (!ctx.interactive) return undefined
  const requirement = reply.auth?.['mfa_requirement'] as { readonly mfa_request_id?: unknown; readonly mfa_constraints?: Constraints }
  const methods = methodsOf(requirement.mfa_constraints ?? {})
  if (methods === undefined || methods.length === 0) return undefined
  const payload: Record<string, readonly string[]> = {}
  for (const { id = '', name, type = '' } of methods) {
    const code = await ctx.stdin.ask(`Code of ${name === undefined ? `the method ${id}` : `"${name}"`} (${type}, will be hidden): `, {
      secret: true,
    })
    payload[id] = [code.trim()]
  }
  return await attempt('Error validating the second factor', () =>
    write(client, 'sys/mfa/validate', { mfa_request_id: goText(requirement.mfa_request_id), mfa_payload: payload }),
  )
}
