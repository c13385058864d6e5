import type { Client } from '../client/index.ts'
import { attempt, isRequestFailure, RequestFailed, send } from './api/index.ts'
import { complain } from './complain.ts'
import { CommandFailed, type Context } from './command.ts'
import { goText, type Printer, type Row, type Shape, shaped, table } from './output/index.ts'

type Body = Readonly<Record<string, unknown>>

const statusShape: Shape = [
  { name: 'type', kind: 'text' },
  { name: 'initialized', kind: 'switch' },
  { name: 'sealed', kind: 'switch' },
  { name: 't', kind: 'number' },
  { name: 'n', kind: 'number' },
  { name: 'progress', kind: 'number' },
  { name: 'nonce', kind: 'text' },
  { name: 'version', kind: 'text' },
  { name: 'commit_date', kind: 'text' },
  { name: 'migration', kind: 'switch' },
  { name: 'cluster_name', kind: 'text', sparse: true },
  { name: 'cluster_id', kind: 'text', sparse: true },
  { name: 'recovery_seal', kind: 'switch' },
  { name: 'recovery_seal_type', kind: 'text', sparse: true },
  { name: 'storage_type', kind: 'text', sparse: true },
  { name: 'warnings', kind: 'list', sparse: true },
  { name: 'build_date', kind: 'text' },
  { name: 'ha_enabled', kind: 'switch' },
  { name: 'is_self', kind: 'switch', sparse: true },
  { name: 'active_time', kind: 'text', sparse: true },
  { name: 'leader_address', kind: 'text', sparse: true },
  { name: 'leader_cluster_address', kind: 'text', sparse: true },
  { name: 'raft_committed_index', kind: 'number', sparse: true },
  { name: 'raft_applied_index', kind: 'number', sparse: true },
]
const LEADER = [
  'ha_enabled',
  'is_self',
  'active_time',
  'leader_address',
  'leader_cluster_address',
  'raft_committed_index',
  'raft_applied_index',
] as const

/** What Go prints for a time that was never set. */
const NEVER = '0001-01-01T00:00:00Z'

interface SealStatus {
  readonly sealed: boolean
  /** In the order in which it is printed. */
  readonly fields: Body
}

export async function readSealStatus(client: Client): Promise<Body> {
  return (await send(client, { method: 'GET', path: 'sys/seal-status' })).body as Body
}

/** Adds what only sys/leader knows. A sealed server does not say, but that it refuses means that it is one of several. */
async function withLeader(client: Client, status: Body): Promise<SealStatus> {
  let leader: Body
  try {
    leader = (await send(client, { method: 'GET', path: 'sys/leader' })).body as Body
  } catch (thrown) {
    if (!(thrown instanceof RequestFailed && thrown.status === 503)) throw thrown
    leader = { ha_enabled: true }
  }
  const known = Object.fromEntries(LEADER.map(name => [name, name === 'active_time' && leader[name] === NEVER ? '' : leader[name]]))
  return { sealed: status['sealed'] === true, fields: shaped({ ...status, ...known }, statusShape) }
}

const text = (value: unknown): string => (value === undefined || value === null ? '' : goText(value))

/** A line that is left out when there is nothing to say. */
const when = (value: unknown, name: string): readonly Row[] => (text(value) === '' ? [] : [[name, text(value)]])

function haRows(it: Body): readonly Row[] {
  if (it['ha_enabled'] !== true || it['sealed'] === true) return []
  const self = it['is_self'] === true
  return [
    ['HA Cluster', text(it['leader_cluster_address'])],
    ['HA Mode', self ? 'active' : 'standby'],
    ...(self ? when(it['active_time'], 'Active Since') : when(it['leader_address'], 'Active Node Address')),
  ]
}

function rows(it: Body): readonly Row[] {
  const recovery = it['recovery_seal'] === true
  const prefix = recovery ? 'Recovery ' : ''
  const hasCluster = text(it['cluster_name']) !== '' && text(it['cluster_id']) !== ''
  return [
    ['Seal Type', text(it['type'])],
    ...(recovery ? [['Recovery Seal Type', text(it['recovery_seal_type'])]] : []),
    ['Initialized', text(it['initialized'])],
    ['Sealed', text(it['sealed'])],
    [`Total ${prefix}Shares`, text(it['n'])],
    ['Threshold', text(it['t'])],
    ...(it['sealed'] === true
      ? [
          ['Unseal Progress', `${text(it['progress'])}/${text(it['t'])}`],
          ['Unseal Nonce', text(it['nonce'])],
        ]
      : []),
    ...(it['migration'] === true ? [['Seal Migration in Progress', 'true']] : []),
    ...when(it['version'], 'Version'),
    ...when(it['commit_date'], 'Commit Date'),
    ...when(it['storage_type'], 'Storage Type'),
    ...(hasCluster ? [...when(it['cluster_name'], 'Cluster Name'), ...when(it['cluster_id'], 'Cluster ID')] : []),
    ['HA Enabled', text(it['ha_enabled'])],
    ...haRows(it),
    ...when(it['raft_committed_index'], 'Raft Committed Index'),
    ...when(it['raft_applied_index'], 'Raft Applied Index'),
  ]
}

/** Prints a seal status and gives the exit code for having printed it. */
export async function printSealStatus(ctx: Context, out: Printer, client: Client, status: Body): Promise<number> {
  try {
    const { fields } = await withLeader(client, status)
    return out.data(fields, table('Key | Value', rows(fields)))
  } catch (thrown) {
    if (!isRequestFailure(thrown) && !(thrown instanceof CommandFailed)) throw thrown
    complain(ctx, thrown instanceof CommandFailed ? thrown.message : `Error checking leader status: ${thrown.message}`)
    return 1
  }
}

/** One field of a status. One that it has not is complained of, but does not change what the exit code says of the seal. */
export async function printSealField(ctx: Context, out: Printer, client: Client, status: Body, name: string): Promise<void> {
  const { fields } = await attempt('Error checking leader status', () => withLeader(client, status), 1)
  const extra: Body = {
    ha_mode: fields['is_self'] === true ? 'active' : 'standby',
    is_self: fields['is_self'] ?? false,
    active_time: fields['active_time'] ?? NEVER,
  }
  try {
    out.field({ ...fields, ...extra }, name, 'seal status')
  } catch (thrown) {
    if (!(thrown instanceof CommandFailed)) throw thrown
    complain(ctx, thrown.message)
  }
}
