import { apiPath, objectAddress, statusOf, type Address, type LiveObject, type Subject, type TargetReader } from '../../model/index.ts'
import { lookupsOf } from './links.ts'
import { oneAnswer, readObject } from './read.ts'
import { sectionFor } from './section.ts'

export interface WantedObject {
  readonly subject: Subject
  /** Attributes that have an answer of their own and that the files give. */
  readonly extra: readonly string[]
}

export interface ObservedObjects {
  readonly live: ReadonlyMap<Address, LiveObject>
  /** What stands in the listed collections beside what was wanted. */
  readonly others: readonly Address[]
  /** Paths that the token may not list. */
  readonly unlisted: readonly string[]
}

/** A mount that stands on the target, and the collections of it to list. */
export interface ListedCollection {
  readonly mount: Address
  readonly collection: string
  readonly inOneAnswer?: boolean
  readonly answerKey?: string | undefined
  readonly builtIn?: readonly string[] | undefined
}

/**
 * Reads the wanted objects. Where their collection can be listed, those that it does not name are known to be absent and cost no
 * request; where the token may not list it, each is asked for.
 *
 * @param wanted only objects whose mount stands on the target
 */
export async function observeObjects(
  reader: TargetReader,
  wanted: readonly WantedObject[],
  listed: readonly ListedCollection[],
): Promise<ObservedObjects> {
  const live = new Map<Address, LiveObject>()
  const others: Address[] = []
  const lookups = lookupsOf(reader)
  const unlisted: string[] = []
  const known = new Set(wanted.map(it => it.subject.address))
  const read = async ({ subject, extra }: WantedObject): Promise<void> => {
    const object = await readObject(reader, subject, extra, lookups)
    if (object !== undefined) live.set(subject.address, object)
  }
  const byCollection = Map.groupBy(wanted, ({ subject }) => collectionOf(subject))
  const list = async ({ mount, collection, inOneAnswer = false, answerKey, builtIn = [] }: ListedCollection): Promise<void> => {
    const folder = objectAddress(mount, collection)
    const members = byCollection.get(folder) ?? []
    const names = await namesIn(reader, folder, inOneAnswer ? () => oneAnswer(reader, apiPath(folder), answerKey) : undefined, unlisted)
    if (names === undefined) {
      await Promise.all(members.map(read))
      return
    }
    const there = new Set(names.map(name => objectAddress(folder, `/${name}`)))
    const own = new Set<string>(builtIn.map(name => objectAddress(folder, `/${name}`)))
    others.push(...[...there].filter(address => !known.has(address) && !own.has(address)))
    await Promise.all(members.filter(it => there.has(it.subject.address)).map(read))
  }
  const folders = new Set<string>(listed.map(it => objectAddress(it.mount, it.collection)))
  const alone = wanted.filter(({ subject }) => !folders.has(collectionOf(subject) ?? ''))
  await Promise.all([...listed.map(list), ...alone.map(read)])
  return { live, others: others.sort(), unlisted: unlisted.sort() }
}

/** The folder that an object of a collection is listed in; undefined for a config. */
function collectionOf(subject: Subject): Address | undefined {
  const section = sectionFor(subject)
  return section.is === 'collection' && subject.mount !== undefined ? objectAddress(subject.mount, section.path) : undefined
}

async function namesIn(
  reader: TargetReader,
  folder: Address,
  answer: (() => Promise<ReadonlyMap<string, unknown>>) | undefined,
  unlisted: string[],
): Promise<readonly string[] | undefined> {
  const path = apiPath(folder)
  try {
    const names = answer === undefined ? await reader.list(path) : [...(await answer()).keys()]
    return names.map(it => it.replace(/\/$/, ''))
  } catch (error) {
    if (statusOf(error) !== 403) throw error
    unlisted.push(path)
    return undefined
  }
}
