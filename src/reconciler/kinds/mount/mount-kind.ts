import type { Json } from '../../../kernel/index.ts'
import {
  apiPath,
  classOf,
  nothingUnread,
  restOf,
  statusOf,
  textOf,
  type Address,
  type Change,
  type Kind,
  type LiveObject,
  type MountTable,
  type TargetReader,
  type TargetWriter,
  type Values,
} from '../../model/index.ts'
import { mountShapes, mountTypeOf, optionsOf, resolvedValue, TUNE, wireValues, withoutDefaults } from '../../shapes/index.ts'
import { liveMount } from './answer.ts'
import { observeMounts } from './observe.ts'

const tableOf = (address: Address): MountTable => (classOf(address) === 'auth' ? 'auth' : 'engine')
const shapeOf = (address: Address): (typeof mountShapes)[MountTable] => mountShapes[tableOf(address)]

/**
 * The API refuses to read a mount that does not exist with 400, as it does other things. So a 400 counts only if the whole table
 * does not name the mount either.
 */
async function read(reader: TargetReader, address: Address): Promise<LiveObject | undefined> {
  try {
    const answer = await reader.read(apiPath(address))
    return answer?.data === undefined || answer.data === null ? undefined : liveMount(tableOf(address), answer.data, address)
  } catch (error) {
    if (statusOf(error) !== 400) throw error
    const mounts = await observeMounts(reader, tableOf(address))
    if (mounts.has(address)) throw error
    return undefined
  }
}

/** What `tune` takes: without the prefix. What was removed from the options has to be said to be empty. */
function tuning(address: Address, before: Values, after: Values, changed: readonly string[]): Record<string, Json> {
  const shape = shapeOf(address)
  const body: Record<string, Json> = {}
  for (const [name, value] of Object.entries(wireValues(after, shape, changed)))
    body[name.startsWith(TUNE) ? name.slice(TUNE.length) : name] = value
  if (!changed.includes('options')) return body
  const wanted = optionsOf(after)
  const removed = Object.keys(optionsOf(before)).filter(key => wanted[key] === undefined)
  body['options'] = { ...wanted, ...Object.fromEntries(removed.map(key => [key, ''])) }
  return body
}

/** Milliseconds between two looks at how far a move is, and how often. */
const LOOK = 200
const LOOKS = 300

/** `auth/approle`, `secret`: as remount names mounts. */
const remountPath = (address: Address): string => (tableOf(address) === 'auth' ? address : restOf(address)).slice(0, -1)

/** The server moves a mount in the background; only what it says to be done is done. */
async function moveMount(writer: TargetWriter, change: Change, from: Address, pause: (ms: number) => Promise<void>): Promise<void> {
  const { address } = change.subject
  const answer = await writer.write('sys/remount', { from: remountPath(from), to: remountPath(address) })
  const id = textOf(answer?.data?.['migration_id'])
  if (id !== '') await moved(writer, id, `${from} to ${address}`, pause)
  if (change.changed.length > 0) await update(writer, change)
}

async function moved(reader: TargetReader, id: string, what: string, pause: (ms: number) => Promise<void>): Promise<void> {
  for (let looks = 0; ; looks++) {
    const info = ((await reader.read(`sys/remount/status/${id}`))?.data?.['migration_info'] ?? {}) as Values
    const status = textOf(info['status'])
    if (status === 'success') return
    if (status === 'failure') throw new Error(`the server could not move ${what}; its log says why`)
    if (looks === LOOKS) throw new Error(`the server is still moving ${what}`)
    await pause(LOOK)
  }
}

async function update(writer: TargetWriter, { subject: { address }, values, live, changed }: Change): Promise<void> {
  await writer.write(`${apiPath(address)}/tune`, tuning(address, live?.values ?? {}, values, changed))
}

export const mountKind: Kind = {
  name: 'mount',
  doc: 'A mount of a secrets engine or an auth method: engines/<mount>.yaml, roles/<mount>.yaml.',
  rank: () => 1,
  isPermanent: () => false,
  keeps: () => undefined,
  unread: () => nothingUnread,
  replacement({ address }, before, after, changed) {
    const fixed = changed.filter(name => shapeOf(address)[name]?.fixed === true)
    if (fixed.includes('type')) return `a mount of type ${textOf(before['type'])} cannot become one of type ${textOf(after['type'])}`
    if (fixed.length > 0) return `${fixed.map(it => it.replace(TUNE, '')).join(', ')} can only be said when a mount is created`
    if (!changed.includes('options')) return undefined
    return mountTypeOf(tableOf(address), textOf(after['type']))?.optionsReplace?.(optionsOf(before), optionsOf(after))
  },
  loses: ({ address }) =>
    tableOf(address) === 'auth'
      ? 'every role and login of the mount, and every token that was given through it'
      : 'every secret of the mount, and every lease that it gave',
  essence: ({ address }, values) => withoutDefaults(values, shapeOf(address)),
  notes(before, after) {
    const [was, is] = [optionsOf(before)['version'], optionsOf(after)['version']]
    const isUpgrade = textOf(after['type']) === 'kv' && was !== is && is === '2'
    return isUpgrade ? ['secrets move from <path> to data/<path>: policies and clients have to follow, and there is no way back'] : []
  },
  resolved({ address }, attribute, text) {
    const it = shapeOf(address)[attribute]
    return it === undefined ? undefined : resolvedValue(text, it)
  },
  read: (reader, { address }) => read(reader, address),
  createsOnly: () => true,
  async create(writer, { subject: { address }, values }) {
    const shape = shapeOf(address)
    const names = Object.keys(values)
    const config = Object.entries(
      wireValues(
        values,
        shape,
        names.filter(it => it.startsWith(TUNE)),
      ),
    )
    await writer.write(apiPath(address), {
      ...wireValues(
        values,
        shape,
        names.filter(it => !it.startsWith(TUNE)),
      ),
      config: Object.fromEntries(config.map(([name, value]) => [name.slice(TUNE.length), value])),
    })
  },
  update,
  move: moveMount,
  remove: (writer, { address }) => writer.delete(apiPath(address)),
}
