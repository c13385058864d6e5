import type { SealStatus } from '../../logical/index.ts'
import { type Answer, json } from '../answer.ts'
import type { BareEndpoint, Product } from './endpoint.ts'

export function sealStatusAnswer(status: SealStatus, product: Product): Answer {
  return json(200, {
    type: status.type,
    initialized: status.initialized,
    sealed: status.sealed,
    t: status.t,
    n: status.n,
    progress: status.progress,
    nonce: status.nonce,
    recovery_seal: status.recoverySeal,
    // Its recovery key is divided as an unseal key would be.
    ...(status.recoverySeal && { recovery_seal_type: 'shamir' }),
    version: product.version,
    ...(product.commitDate !== undefined && { commit_date: product.commitDate }),
    migration: status.migration,
    ...(status.clusterName !== undefined && { cluster_name: status.clusterName }),
    ...(status.clusterId !== undefined && { cluster_id: status.clusterId }),
    storage_type: status.storageType,
    lockstep_version: product.lockstepVersion,
  })
}

export const sealStatus: BareEndpoint = {
  methods: ['GET'],
  answer: ({ core, product }) => sealStatusAnswer(core.operator.sealStatus(), product),
}
