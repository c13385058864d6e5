import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const routes = {
  remount: route('remount', {
    doc: 'Moves a mount with all that it holds.',
    access: 'sudo',
    alsoTopLevel: true,
    ops: {
      write: op({
        doc: 'Move a mount. Its leases are revoked.',
        input: { from: f.string('Where it is; with auth/ in front for an auth method.'), to: f.string('Where it shall be.') },
        gives: gives.data({ migration_id: f.string('To ask for the progress.').required() }),
      }),
    },
  }),
  status: route('remount/status/{migration_id}', {
    doc: 'How far a move is.',
    params: { migration_id: f.string('As remount gave it.') },
    ops: { read: op({ doc: 'Show the progress of a move.', gives: gives.any('The move and its status.') }) },
  }),
}

export const remount: Family<SystemPorts> = statefulFamily(routes, ({ places }: SystemPorts): HandlersOf<typeof routes> => ({
  remount: {
    async write({ input, warn }) {
      if (!input.from || !input.to) throw faults.refused({ why: "both 'from' and 'to' path must be specified as a string" })
      const { id } = await places.remount(clean(input.from), clean(input.to))
      warn("Mount move has been queued. Progress will be reported in OpenBao's server log, tagged with the returned migration_id")
      return { is: 'data', data: { migrationId: id } }
    },
  },
  status: {
    async read({ params }) {
      const found = places.remountStatus(params.migrationId)
      if (found === undefined) throw faults.notFound()
      return {
        is: 'any',
        data: {
          migration_id: found.id,
          migration_info: { source_mount: found.source, status: found.status, target_mount: found.target },
        },
      }
    },
  },
}))

const clean = (path: string): string => path.replace(/^\/+|\/+$/g, '')
