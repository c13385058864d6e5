/** Physical stores, one folder each: they see ciphertext only, and know nothing above themselves. */
export { type Batch, type Page, type Storage } from './storage.ts'
