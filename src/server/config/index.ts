/**
 * The server's configuration: files in the field's own words, in HCL or JSON → one typed value, with a place for everything that is
 * wrong with them. Knows the words and what they may be; reads files, and only those it is told of. Must not know what a word does,
 * nor the environment or the command line. A word that is not known is an error, and so is one whose effect is not there.
 */
export { type ConfigFile, type Known, readConfigFile } from './file.ts'
export { type ConfigSources, loadConfig } from './load.ts'
export { mergeConfig } from './merge.ts'
export {
  type ForwardedForConfig,
  type ListenerAddress,
  type ListenerConfig,
  type ListenerTlsConfig,
  type LogFormat,
  type SealConfig,
  type ServerConfig,
  type StorageConfig,
} from './server-config.ts'
export { type KnownSeal } from './seal.ts'
export { type KnownStorage } from './storage.ts'
