export { patchCommand as command } from './put.ts'
