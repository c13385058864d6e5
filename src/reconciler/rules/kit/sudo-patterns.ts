import { sudoPaths, type SudoPath } from '../../../policy/index.ts'
import { overlap, type WorkspaceView } from '../view/index.ts'

export const pkiMounts = (view: WorkspaceView): readonly string[] =>
  (view.repository?.mounts ?? []).flatMap(it => (it.type === 'pki' ? it.path : []))

/** Whether a rule with this path can be asked about a root-protected one. */
export function mayNeedSudo(path: string, view: WorkspaceView): boolean {
  // Without a repository any mount may be one of type pki.
  const roots: Readonly<Record<SudoPath['mount'], readonly string[]>> = {
    system: ['sys/'],
    token: ['auth/token/'],
    pki: view.repository === undefined ? ['+/'] : pkiMounts(view),
  }
  return sudoPaths.some(it => roots[it.mount].some(root => overlap(path, root + it.path)))
}
