import { installBao } from './harness/bao.ts'

/** Vitest's global set-up of the projects that need the real peer: without it they fail, they are never skipped. */
export default async function setup(): Promise<void> {
  await installBao()
}
