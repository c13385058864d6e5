import { apiPath, type Kind, type Values } from '../../model/index.ts'
import { resolvedValue, wireValues, withoutDefaults, type Shape } from '../../shapes/index.ts'
import { readObject } from './read.ts'
import { sectionFor } from './section.ts'

const unfixed = (values: Values, shape: Shape): readonly string[] => Object.keys(values).filter(name => shape[name]?.fixed !== true)

/** An object as the server makes it when nothing is said. */
const defaults = (shape: Shape): Values =>
  Object.fromEntries(Object.entries(shape).flatMap(([name, { fallback }]) => (fallback === undefined ? [] : [[name, fallback] as const])))

export const objectKind: Kind = {
  name: 'object',
  doc: 'What lives on a mount: the sections of engines/<mount>.yaml and roles/<mount>.yaml.',
  // Roles may name what a config holds, so configs come first.
  rank: subject => (sectionFor(subject).is === 'singleton' ? 2 : 3),
  isPermanent: subject => sectionFor(subject).is === 'singleton',
  replacement(subject, _before, _after, changed) {
    const { shape } = sectionFor(subject)
    const fixed = changed.filter(name => shape[name]?.fixed === true)
    return fixed.length === 0 ? undefined : `${fixed.join(', ')} can only be said at creation`
  },
  loses(subject, how) {
    const section = sectionFor(subject)
    return section.is === 'collection' && how === 'replace' ? section.loses : undefined
  },
  essence: (subject, values) => withoutDefaults(values, sectionFor(subject).shape),
  notes: () => [],
  resolved(subject, attribute, text) {
    const it = sectionFor(subject).shape[attribute]
    return it === undefined ? undefined : resolvedValue(text, it)
  },
  read: readObject,
  createsOnly: () => false,
  async create(writer, { subject, values }) {
    await writer.write(apiPath(subject.address), wireValues(values, sectionFor(subject).shape))
  },
  // Everything, not what changed alone: attributes that contradict each other one by one must change together.
  async update(writer, { subject, values }) {
    const { shape } = sectionFor(subject)
    await writer.write(apiPath(subject.address), wireValues(values, shape, unfixed(values, shape)))
  },
  // A config is there with its mount; to take ours away is to have the server's back.
  async remove(writer, subject) {
    const section = sectionFor(subject)
    if (section.is === 'collection') await writer.delete(apiPath(subject.address))
    else await writer.write(apiPath(subject.address), wireValues(defaults(section.shape), section.shape))
  },
}
