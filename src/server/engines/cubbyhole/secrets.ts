import { parseJson, stringifyJson } from '../../../kernel/index.ts'
import { f, type WireObject } from '../../../schema/index.ts'
import { anyBody, everyName, family, folderOf, gives, isRecord, op, route, type Family } from '../../framework/index.ts'
import { faults, type Caller, type View } from '../../logical/index.ts'

const routes = {
  secret: route('{path...}', {
    doc: 'A secret of the token that asks. No other token sees it, and it ends with the token.',
    params: { path: f.string('Location of the secret.') },
    upsert: true,
    ops: {
      read: op({ doc: 'Read the secret.', gives: gives.any('The fields as they were written.') }),
      list: op({ doc: 'List the names in a folder; folders among them end in a slash.', gives: gives.keys }),
      write: op({ doc: 'Write the secret, in place of what was there.', input: anyBody('Fields of the secret.'), gives: gives.nothing }),
      delete: op({ doc: 'Delete the secret.', gives: gives.nothing }),
    },
  }),
}

/** A batch token is nowhere kept, so nothing would end with it. */
function cubbyholeOf({ token }: Caller, view: View): View {
  if (token === undefined) throw faults.failedAs({ why: 'client token empty' })
  if (token.type !== 'service') throw faults.refused({ why: "cubbyhole operations are only supported by 'service' type tokens" })
  return view.sub(`${token.id}/`)
}

/** Deletes all that a token has kept; core calls it when the token ends. */
export async function dropToken(view: View, tokenId: string): Promise<void> {
  const at = view.sub(`${tokenId}/`)
  for (const name of await everyName(at, '')) await at.delete(name)
}

export const secrets: Family = family(routes, {
  secret: {
    async read({ params: { path }, view, caller }) {
      const mine = cubbyholeOf(caller, view)
      if (path === '') throw faults.failedAs({ why: 'missing path' })
      const bytes = isRecord(path) ? await mine.get(path) : undefined
      if (bytes === undefined) throw faults.notFound()
      return { is: 'any', data: parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as WireObject }
    },
    list: async ({ params: { path }, view, caller }) => ({ is: 'keys', keys: await cubbyholeOf(caller, view).list(folderOf(path)) }),
    async write({ params: { path }, input, view, caller }) {
      const mine = cubbyholeOf(caller, view)
      if (Object.keys(input).length === 0) throw faults.failedAs({ why: 'missing data fields' })
      if (!isRecord(path)) throw faults.failedAs({ why: 'missing path' })
      await mine.put(path, Buffer.from(stringifyJson(input)))
      return { is: 'nothing' }
    },
    async delete({ params: { path }, view, caller }) {
      const mine = cubbyholeOf(caller, view)
      if (isRecord(path)) await mine.delete(path)
      return { is: 'nothing' }
    },
    exists: async ({ params: { path }, view, caller }) =>
      caller.token?.type === 'service' && isRecord(path) && (await cubbyholeOf(caller, view).get(path)) !== undefined,
  },
})
