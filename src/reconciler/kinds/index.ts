/**
 * The kinds of managed objects, one folder and one line each: how they are read, compared and written. Knows what objects look
 * like and the target's API; must not know files, plans or other kinds. Planning reads only: a kind gets a way to write only
 * where apply hands it one.
 */
import { tableBy } from '../../kernel/index.ts'
import type { Kinds } from '../model/index.ts'
import { apiKind } from './api/index.ts'
import { mountKind } from './mount/index.ts'
import { objectKind } from './object/index.ts'
import { policyKind } from './policy/index.ts'

export const kinds: Kinds = tableBy(it => it.name, [policyKind, mountKind, objectKind, apiKind])

export { observeApi } from './api/index.ts'
export { observeMounts, type ObservedMounts } from './mount/index.ts'
export { observeObjects, sectionOf, type ListedCollection, type ObservedObjects, type WantedObject } from './object/index.ts'
export { observePolicies, type ObservedPolicies } from './policy/index.ts'
