import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const restoring = { write: op({ doc: 'Put the store of a snapshot in place of this one.', gives: gives.nothing }) }

/** Below the paths of the field's integrated storage, for any storage: tools for backups know them. */
const routes = {
  snapshot: route('storage/raft/snapshot', {
    doc: 'The whole store as an archive.',
    ops: { read: op({ doc: 'Take a snapshot.', gives: gives.raw('application/gzip') }), ...restoring },
  }),
  force: route('storage/raft/snapshot-force', { doc: 'The same for a snapshot of another server, or of other keys.', ops: restoring }),
}

export const snapshot: Family<SystemPorts> = statefulFamily(routes, ({ seal }: SystemPorts): HandlersOf<typeof routes> => {
  const restore =
    (force: boolean): HandlersOf<typeof routes>['force']['write'] =>
    async ({ incoming }) => {
      if (incoming === undefined) throw faults.failedAs({ why: 'failed to decompress snapshot: EOF' })
      await seal.restore(incoming, force)
      return { is: 'nothing' }
    }
  return {
    snapshot: { read: async () => ({ is: 'raw', body: seal.snapshot() }), write: restore(false) },
    force: { write: restore(true) },
  }
})
