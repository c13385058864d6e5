import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import type { State } from './ports.ts'

const routes = {
  accessors: route('accessors', {
    doc: 'The accessors of all service tokens.',
    access: 'sudo',
    ops: { list: op({ doc: 'List the accessors.', gives: gives.keys }) },
  }),
  tidy: route('tidy', {
    doc: 'Remove index entries that point nowhere.',
    ops: { write: op({ doc: 'Start tidying.', gives: gives.nothing }) },
  }),
}

export const accessors: Family<State> = statefulFamily(routes, ({ tokens, host }: State): HandlersOf<typeof routes> => {
  let running = false
  return {
    accessors: { list: async () => ({ is: 'keys', keys: await tokens.accessors() }) },
    tidy: {
      async write({ warn }) {
        if (running) {
          warn('Tidy operation already in progress.')
          return { is: 'nothing', status: 202 }
        }
        running = true
        void tokens
          .tidy()
          .catch((cause: unknown) => host.log.write('error', 'tidying the tokens failed', { error: String(cause) }))
          .finally(() => (running = false))
        warn("Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs.")
        return { is: 'nothing', status: 202 }
      },
    },
  }
})
