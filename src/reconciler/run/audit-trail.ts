import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { parseJson, type Json } from '../../kernel/index.ts'
import { apiPath, classOf, isMountAddress, restOf, type Address, type ChangedBy } from '../model/index.ts'
import { SourceUnusable } from './source.ts'

/**
 * Who wrote the objects last, as an audit log of the target tells it: the file of a `file` audit device, one JSON object a line. Only answers
 * without an error count. Lines that are no JSON are passed over: a log may end in the middle of one.
 * @throws SourceUnusable where the file cannot be read
 */
export async function readAuditTrail(
  file: string,
  addresses: readonly Address[],
  namespace: string | undefined,
): Promise<ReadonlyMap<Address, ChangedBy>> {
  const stream = createReadStream(file, 'utf8')
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY })
  try {
    return await lastChanges(lines, addresses, namespace)
  } catch (cause) {
    throw new SourceUnusable(`the audit log ${file} cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, {
      cause,
    })
  } finally {
    stream.destroy()
  }
}

/** @internal For tests: the same of lines that are at hand. */
export async function lastChanges(
  lines: AsyncIterable<string>,
  addresses: readonly Address[],
  namespace: string | undefined,
): Promise<ReadonlyMap<Address, ChangedBy>> {
  const wanted = new Map(addresses.flatMap(address => pathsOf(address).map(path => [path.toLowerCase(), address] as const)))
  const home = namespace === undefined ? '' : `${namespace.replaceAll(/^\/+|\/+$/g, '')}/`
  const found = new Map<Address, ChangedBy>()
  for await (const line of lines) {
    // Most lines are reads, and need not be taken apart.
    if (!/"(?:update|create|delete|patch)"/.test(line)) continue
    const change = changeOf(line, home)
    if (change === undefined) continue
    const address = addressOf(change.path, wanted)
    if (address !== undefined && (found.get(address)?.time ?? '') <= change.time) found.set(address, change)
  }
  return found
}

/** Where an object is written: its own path, and others that mean it. */
function pathsOf(address: Address): readonly string[] {
  const path = apiPath(address)
  const tune = isMountAddress(address) ? [`${path}/tune`] : []
  return (classOf(address) as string) === 'policy' ? [path, `sys/policy/${restOf(address)}`] : [path, ...tune]
}

/** A login is written below its role, and changes nothing of it. */
const NO_CHANGE = /^(?:custom-)?secret-id(?:$|[-/])|^(?:login|rotate|creds)(?:$|\/)/

/** Parts of an object can be written by themselves: `role/ci/token-ttl`. */
function addressOf(said: string, wanted: ReadonlyMap<string, Address>): Address | undefined {
  const path = said.toLowerCase().replace(/\/$/, '')
  const own = wanted.get(path)
  if (own !== undefined) return own
  const slash = path.lastIndexOf('/')
  const holder = slash < 0 ? undefined : wanted.get(path.slice(0, slash))
  return holder === undefined || isMountAddress(holder) || NO_CHANGE.test(path.slice(slash + 1)) ? undefined : holder
}

type Part = Readonly<Record<string, Json | undefined>>

function changeOf(line: string, home: string): ChangedBy | undefined {
  const entry = read(line)
  const [request, auth] = [partOf(entry?.['request']), partOf(entry?.['auth'])]
  const [operation, path, time] = [textIn(request, 'operation'), textIn(request, 'path'), textIn(entry, 'time')]
  if (entry?.['type'] !== 'response' || operation === undefined || path === undefined || time === undefined) return undefined
  if (!['update', 'create', 'delete', 'patch'].includes(operation) || (textIn(entry, 'error') ?? '') !== '') return undefined
  if ((textIn(partOf(request?.['namespace']), 'path') ?? '') !== home) return undefined
  return {
    time,
    operation,
    path,
    ...maybe('displayName', textIn(auth, 'display_name')),
    ...maybe('entityId', textIn(auth, 'entity_id')),
    ...maybe('accessor', hashedIn(auth, 'accessor')),
    ...maybe('remoteAddress', textIn(request, 'remote_address')),
  }
}

function read(line: string): Part | undefined {
  try {
    return partOf(parseJson(line) as Json)
  } catch {
    return undefined
  }
}

const partOf = (value: Json | undefined): Part | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Part) : undefined

const textIn = (part: Part | undefined, key: string): string | undefined => {
  const value = part?.[key]
  return typeof value === 'string' ? value : undefined
}

/** A device may be told to write accessors in clear (`hmac_accessor=false`); with one, a token can be revoked. */
const hashedIn = (part: Part | undefined, key: string): string | undefined => {
  const value = textIn(part, key)
  return value?.startsWith('hmac-') === true ? value : undefined
}

const maybe = <K extends string>(name: K, value: string | undefined): { readonly [P in K]?: string } =>
  (value === undefined || value === '' ? {} : { [name]: value }) as { readonly [P in K]?: string }
