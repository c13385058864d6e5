/**
 * Who guards the key above the root key, one folder each: people who share it, or a keeper outside, and here their ports. They
 * know how a key is divided or wrapped, and nothing of what it opens. Must not know the barrier, the store, or the API.
 */
export {
  type KeyKeeper,
  type KeyKeeperKind,
  type KeyKeeperOption,
  type KeyKeeperPorts,
  type KeySharing,
  SealError,
  withVariables,
  type Wrapped,
} from './seal.ts'
export { secretText } from './secret-text.ts'
