import { f } from '../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

/** As many as fit into a URL anyway. */
const MOST = 256

/** A path as the API's paths are: nothing that goes up, nothing twice, nothing in front. A slash at its end asks for a list. */
const CLEAN = /^(?!\/)(?!.*\/\/)(?!(?:.*\/)?\.\.?(?:\/|$))[^\p{Cc}]+$/su

const routes = {
  many: route('internal/read-many', {
    doc: 'Reads of several paths in one request.',
    // It gives nothing by itself: each path is authorised as if it had been asked for alone.
    access: 'public',
    ops: {
      read: op({
        doc: 'Read several paths, each as a request of its own: with its own authorisation, audit entries and errors.',
        input: {
          path: f.texts('A path below /v1/, to be said once for each; with a slash at its end, a list.').required(),
          limit: f.int('How many names a list may have at most.'),
        },
        gives: gives.any('The answers, in the order of the paths: status, data, warnings and errors of each.'),
      }),
    },
  }),
}

/** An addition to the peer's API. Here the paths are looked at; the pipeline puts their answers in their place. */
export const readMany: Family<SystemPorts> = statefulFamily(routes, (): HandlersOf<typeof routes> => ({
  many: {
    read({ input, caller }) {
      if (caller.token === undefined) throw faults.tokenRefused()
      const { path: paths, limit } = input
      if (paths.length > MOST) throw faults.refused({ why: `at most ${MOST} paths can be read at once` })
      const unclean = paths.find(it => !CLEAN.test(it))
      if (unclean !== undefined) throw faults.refused({ why: `not a path of the API: ${JSON.stringify(unclean)}` })
      return Promise.resolve({ is: 'any', data: { paths, ...(limit !== undefined && { limit }) } })
    },
  },
}))
