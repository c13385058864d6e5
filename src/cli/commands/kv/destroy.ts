export { destroyCommand as command } from './undelete.ts'
