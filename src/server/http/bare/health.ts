import { type Answer, errors, json } from '../answer.ts'
import { parseBool, type Query } from '../query.ts'
import type { BareEndpoint } from './endpoint.ts'

/** The query may choose the status of each state. NaN: no number. */
function codeOf(query: Query, name: string, otherwise: number): number {
  const text = query.pairs.get(name)?.[0]
  if (text === undefined) return otherwise
  return /^[+-]?\d+$/.test(text) ? Number(text) : Number.NaN
}

export const health: BareEndpoint = {
  methods: ['GET', 'HEAD'],
  async answer({ query, core, clock, product }): Promise<Answer> {
    const standby = query.pairs.get('standbyok')?.[0] ?? ''
    if (standby !== '' && parseBool(standby) === undefined) return errors(400, [])
    const codes = {
      uninitialised: codeOf(query, 'uninitcode', 501),
      sealed: codeOf(query, 'sealedcode', 503),
      standby: codeOf(query, 'standbycode', 429),
      active: codeOf(query, 'activecode', 200),
    }
    if (Object.values(codes).some(Number.isNaN)) return errors(400, [])
    const { sealed, clusterName, clusterId } = core.operator.sealStatus()
    const initialised = await core.operator.initialised()
    const state = initialised ? (sealed ? 'sealed' : 'active') : 'uninitialised'
    const code = codes[state]
    // HTTP has no such final answer.
    if (code < 200 || code > 999) return errors(400, [])
    const replication = sealed ? 'unknown' : 'disabled'
    return json(code, {
      initialized: initialised,
      sealed,
      // A sealed server cannot know whether another one is active.
      standby: sealed,
      replication_performance_mode: replication,
      replication_dr_mode: replication,
      server_time_utc: Math.floor(clock.now().getTime() / 1000),
      version: product.version,
      ...(clusterName !== undefined && { cluster_name: clusterName }),
      ...(clusterId !== undefined && { cluster_id: clusterId }),
      lockstep_version: product.lockstepVersion,
    })
  },
}
