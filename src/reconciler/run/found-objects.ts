import type { FoundObject } from '../adopt/index.ts'
import { kinds, observeObjects } from '../kinds/index.ts'
import { objectAddress, statusOf, type Address, type TargetReader, type Values } from '../model/index.ts'
import type { Collection, MountType, Section } from '../shapes/index.ts'

export interface FoundObjects {
  readonly objects: readonly FoundObject[]
  /** What could not be looked at. */
  readonly notes: readonly string[]
}

/** Everything that the tables know on a mount of a type. What may not be read, or is not offered, is said and passed over. */
export async function foundOn(reader: TargetReader, mount: Address, type: MountType, values: Values): Promise<FoundObjects> {
  const objects: FoundObject[] = []
  const notes: string[] = []
  await Promise.all(
    Object.entries(type.sections).map(async ([key, section]) => {
      if (section.is === 'singleton' && section.refuses?.(values) !== undefined) return
      if (section.blind === true) {
        notes.push(`${mount}${section.path} cannot be read, so whether it is set is not known`)
        return
      }
      try {
        objects.push(...(await foundIn(reader, mount, type, key, section)))
      } catch (error) {
        // No answer at all ends the run; a refusal, or a path that this server does not have, says nothing about the rest.
        const status = statusOf(error)
        if (status === undefined || status >= 500) throw error
        notes.push(`${mount}${section.path} could not be looked at (status ${status})`)
      }
    }),
  )
  return { objects: objects.sort((a, b) => (a.address < b.address ? -1 : 1)), notes: notes.sort() }
}

async function foundIn(
  reader: TargetReader,
  mount: Address,
  type: MountType,
  key: string,
  section: Section,
): Promise<readonly FoundObject[]> {
  const addresses = section.is === 'singleton' ? [objectAddress(mount, section.path)] : await namesOf(reader, mount, section)
  const found = await Promise.all(
    addresses.map(async address => {
      const live = await kinds['object']?.read(reader, { address, kind: 'object', mount, type: type.type }, [])
      return live === undefined ? [] : [{ address, key, section, live }]
    }),
  )
  return found.flat()
}

async function namesOf(reader: TargetReader, mount: Address, section: Collection): Promise<readonly Address[]> {
  const { path, inOneAnswer = false, answerKey, builtIn } = section
  const { others, unlisted } = await observeObjects(reader, [], [{ mount, collection: path, inOneAnswer, answerKey, builtIn }])
  if (unlisted.length > 0) throw Object.assign(new Error('permission denied'), { status: 403 })
  return others
}
