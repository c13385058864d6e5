import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../framework/index.ts'
import { faults, type SystemPorts } from '../logical/index.ts'

const counted = gives.any('The count.')
const routes = {
  entities: route('internal/counters/entities', {
    doc: 'How many entities there are.',
    ops: { read: op({ doc: 'Count the entities.', gives: counted }) },
  }),
  tokens: route('internal/counters/tokens', {
    doc: 'How many service tokens there are.',
    ops: { read: op({ doc: 'Count the service tokens.', gives: counted }) },
  }),
  requests: route('internal/counters/requests', {
    doc: 'Nothing any more.',
    ops: { read: op({ doc: 'Learn that requests are no longer counted.', gives: counted }) },
  }),
}

export const counters: Family<SystemPorts> = statefulFamily(routes, ({ identity, tokens }: SystemPorts): HandlersOf<typeof routes> => ({
  entities: { read: async () => ({ is: 'any', data: { counters: { entities: { total: await identity.countEntities() } } } }) },
  tokens: { read: async () => ({ is: 'any', data: { counters: { service_tokens: { total: (await tokens.accessors()).length } } } }) },
  requests: {
    read: () => Promise.reject(faults.missing({ why: 'The functionality has been removed on this path' })),
  },
}))
