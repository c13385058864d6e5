/**
 * What managed objects look like: tables of attributes and of mount types, and the ways from a file and from an answer of the API
 * into canonical form, so that both sides can be compared. Knows fields and the model; must not know files' syntax or HTTP.
 */
export { type Attribute, type Link, type Names, type Shape, attribute } from './attribute.ts'
export { UnreadableAnswer, isDefault, liveValues, resolvedValue, secretsIn, wireValues, withoutDefaults } from './live-values.ts'
export {
  type Options,
  TUNE,
  builtInMounts,
  canonicalMount,
  homes,
  mountHead,
  mountShapes,
  mountTypeOf,
  optionsOf,
  reservedRoots,
  tuneShapes,
} from './mount.ts'
export { type Collection, type Contradiction, type MountType, type Section, type Singleton } from './mount-type.ts'
export { mountTypes } from './mount-types/index.ts'
export { plainForm } from './plain-form.ts'
export { type ReadAttributes, readAttributes, referenceOf, unknownKey } from './read-attributes.ts'
