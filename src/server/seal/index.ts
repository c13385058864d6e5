/** Who guards the root key, one folder each. */
export { type SealWrapper, type Wrapped } from './seal.ts'
