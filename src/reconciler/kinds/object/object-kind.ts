import { apiPath, type Kind, type Subject, type Unread, type Values } from '../../model/index.ts'
import { resolvedValue, withoutDefaults, type Section, type Shape } from '../../shapes/index.ts'
import { readObject } from './read.ts'
import { sectionFor } from './section.ts'
import { writeAll } from './write.ts'

/** An object as the server makes it when nothing is said. */
const defaults = (shape: Shape): Values =>
  Object.fromEntries(Object.entries(shape).flatMap(([name, { fallback }]) => (fallback === undefined ? [] : [[name, fallback] as const])))

const named = (shape: Shape, mode: keyof Unread): readonly string[] =>
  Object.entries(shape).flatMap(([name, it]) => (it.unread === mode ? name : []))

const unreadByShape = new WeakMap<Shape, Unread>()

function unreadOf(shape: Shape): Unread {
  const made = unreadByShape.get(shape) ?? { tracked: named(shape, 'tracked'), said: named(shape, 'said') }
  unreadByShape.set(shape, made)
  return made
}

const LATE = 6

/** Configs come first, since what else lives on the mount names what they hold. */
const rankOf = (section: Section): number => (section.is === 'singleton' ? (section.late === true ? LATE : 2) : 3 + (section.turn ?? 2))

export const objectKind: Kind = {
  name: 'object',
  doc: 'What lives on a mount, and what every server has: the sections of mount files, audit/, identity/, quotas/ and the like.',
  rank: subject => rankOf(sectionFor(subject)),
  isPermanent: subject => isPermanent(subject),
  keeps(subject) {
    const section = sectionFor(subject)
    return section.is === 'singleton' && section.begins === 'kept' ? 'the API has no way to remove it' : undefined
  },
  unread: subject => unreadOf(sectionFor(subject).shape),
  replacement(subject, before, after, changed) {
    const { shape } = sectionFor(subject)
    const fixed = changed.filter(name => shape[name]?.fixed === true)
    if (fixed.length > 0) return `${fixed.join(', ')} can only be said at creation`
    const stuck = changed.filter(name => shape[name]?.oneWay === true && before[name] === true && after[name] === false)
    return stuck.length === 0 ? sectionFor(subject).replaces?.(before, after) : `${stuck.join(', ')} cannot be taken back`
  },
  loses(subject, how) {
    const section = sectionFor(subject)
    if (section.is === 'singleton') return undefined
    return how === 'replace' ? (section.loses ?? section.losesOnDelete) : section.losesOnDelete
  },
  essence: (subject, values) => withoutDefaults(values, sectionFor(subject).shape),
  notes: () => [],
  resolved(subject, attribute, text) {
    const it = sectionFor(subject).shape[attribute]
    return it === undefined ? undefined : resolvedValue(text, it)
  },
  read: (reader, subject, extra) => readObject(reader, subject, extra),
  createsOnly: () => false,
  create: (writer, { subject, values }) => writeAll(writer, subject, values, undefined),
  // Everything, not what changed alone: attributes that contradict each other one by one must change together.
  update: (writer, { subject, values, changed }) => writeAll(writer, subject, values, changed),
  // A config is there with its mount; to take ours away is to have the server's back.
  async remove(writer, subject) {
    const { shape } = sectionFor(subject)
    if (isPermanent(subject)) await writeAll(writer, subject, defaults(shape), Object.keys(shape))
    else await writer.delete(apiPath(subject.address))
  },
}

function isPermanent(subject: Subject): boolean {
  const section = sectionFor(subject)
  return section.is === 'singleton' && section.begins === 'mount'
}
