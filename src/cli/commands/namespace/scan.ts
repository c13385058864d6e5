export { scanCommand as command } from './list.ts'
