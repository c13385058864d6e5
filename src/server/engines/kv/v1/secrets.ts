import { parseJson, stringifyJson, type Seconds } from '../../../../kernel/index.ts'
import { f, type WireObject } from '../../../../schema/index.ts'
import {
  anyBody,
  everyName,
  folderOf,
  gives,
  isRecord,
  op,
  ParsedRecords,
  route,
  statefulFamily,
  type Family,
  type HandlersOf,
} from '../../../framework/index.ts'
import { faults, type Host, type View } from '../../../logical/index.ts'

const routes = {
  secret: route('{path...}', {
    doc: 'A secret, kept as it was written.',
    params: { path: f.string('Location of the secret.') },
    upsert: true,
    ops: {
      read: op({ doc: 'Read the secret.', gives: gives.any('The fields as they were written.') }),
      list: op({ doc: 'List the names in a folder; folders among them end in a slash.', gives: gives.keys }),
      scan: op({ doc: 'List every secret below a folder.', gives: gives.keys }),
      write: op({ doc: 'Write the secret, in place of what was there.', input: anyBody('Fields of the secret.'), gives: gives.nothing }),
      delete: op({ doc: 'Delete the secret.', gives: gives.nothing }),
    },
  }),
}

/** Where version 1 keeps its secrets; version 2 looks there when it takes a mount over. */
export const secretsOf = (view: View): View => view.sub('secret/')

interface Secret {
  readonly data: WireObject
  /** As the secret itself says in `ttl` or `lease`; undefined when it does not say, or nonsense. */
  readonly ttl: Seconds | undefined
}

/** What one mount keeps in memory. */
export interface Secrets {
  readonly host: Host
  readonly parsed: ParsedRecords<Secret>
}
const CACHE = 8 * 1024 * 1024
export const openSecrets = (host: Host): Secrets => ({ host, parsed: new ParsedRecords(CACHE, parse) })

const TTL = f.signedDuration('How long a reader may take the secret for good.')

function parse(bytes: Uint8Array): Secret {
  const data = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as WireObject
  return { data, ttl: ttlOf(data) }
}

function ttlOf(data: WireObject): Seconds | undefined {
  const raw = Object.hasOwn(data, 'ttl') ? data['ttl'] : Object.hasOwn(data, 'lease') ? data['lease'] : undefined
  return raw === undefined ? undefined : TTL.decode(raw ?? 0, () => undefined)
}

export const secrets: Family<Secrets> = statefulFamily(routes, ({ host, parsed }: Secrets): HandlersOf<typeof routes> => ({
  secret: {
    async read({ params: { path }, view }) {
      const bytes = isRecord(path) ? await secretsOf(view).get(path) : undefined
      if (bytes === undefined) throw faults.notFound()
      const { data, ttl } = parsed.of(path, bytes)
      return { is: 'any', data, leaseDuration: ttl ?? host.leaseDefaults().ttl }
    },
    list: async ({ params: { path }, view }) => ({ is: 'keys', keys: await secretsOf(view).list(folderOf(path)) }),
    scan: async ({ params: { path }, view }) => ({ is: 'keys', keys: await everyName(secretsOf(view), folderOf(path)) }),
    async write({ params: { path }, input, view }) {
      if (!isRecord(path)) throw faults.refused({ why: 'missing path' })
      if (Object.keys(input).length === 0) throw faults.refused({ why: 'missing data fields' })
      await secretsOf(view).put(path, Buffer.from(stringifyJson(input)))
      return { is: 'nothing' }
    },
    async delete({ params: { path }, view }) {
      if (isRecord(path)) await secretsOf(view).delete(path)
      return { is: 'nothing' }
    },
    exists: async ({ params: { path }, view }) => isRecord(path) && (await secretsOf(view).get(path)) !== undefined,
  },
}))
