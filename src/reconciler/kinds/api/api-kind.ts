import { apiPath, type Kind, type Reference, type Subject } from '../../model/index.ts'
import { readApi } from './read.ts'

/** Both what a file describes and a step of a plan say which of their values are references. */
const referencesOf = (subject: Subject): readonly string[] =>
  Object.keys((subject as { readonly references?: Readonly<Record<string, Reference>> }).references ?? {})

export const apiKind: Kind = {
  name: 'api',
  doc: 'Anything else that the API keeps at a path: api/<path>.yaml.',
  rank: () => 7,
  isPermanent: () => false,
  keeps: () => undefined,
  // What comes by reference is taken for a secret, which no answer holds.
  unread: subject => ({ tracked: referencesOf(subject), said: [] }),
  replacement: () => undefined,
  loses: (_subject, how) => (how === 'delete' ? 'whatever the server keeps there' : undefined),
  essence: (subject, values) => {
    const hidden = new Set(referencesOf(subject))
    return Object.fromEntries(Object.entries(values).filter(([name]) => !hidden.has(name)))
  },
  notes: () => [],
  resolved: (_subject, _attribute, text) => text,
  read: readApi,
  createsOnly: () => false,
  async create(writer, { subject, values }) {
    await writer.write(apiPath(subject.address), values)
  },
  async update(writer, { subject, values }) {
    await writer.write(apiPath(subject.address), values)
  },
  remove: (writer, { address }) => writer.delete(apiPath(address)),
}
