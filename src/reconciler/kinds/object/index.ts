/**
 * What lives on a mount: its config, its roles. One kind for all of them, driven by the tables of mount types, so that a new type
 * needs no code here. Knows those tables; no other kind.
 */
export { objectKind } from './object-kind.ts'
export { observeObjects, type ListedCollection, type ObservedObjects, type WantedObject } from './observe.ts'
export { sectionOf } from './section.ts'
