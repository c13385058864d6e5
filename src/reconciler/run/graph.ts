import type { Diagnostic } from '../../kernel/index.ts'
import { readAccess } from '../access/index.ts'
import { loadWorkspace } from '../load/index.ts'
import { classOf, isMountAddress, restOf, type Address, type Graph, type GraphNodeKind } from '../model/index.ts'
import { readSource, type SourceChoice } from './source.ts'

export interface GraphOptions {
  readonly dir: string
  readonly source: SourceChoice
  readonly environment?: string
  readonly now: Date
}

export type Graphed = { readonly is: 'drawn'; readonly graph: Graph } | { readonly is: 'broken'; readonly findings: readonly Diagnostic[] }

/** Who uses what in a repository: from mounts to those who log in there, to the policies that they have, to the mounts that those speak of. */
export async function graphPhase({ dir, source, environment, now }: GraphOptions): Promise<Graphed> {
  const { files } = await readSource(dir, source)
  const workspace = loadWorkspace(files, { now, ...(environment === undefined ? {} : { environment }) })
  if (workspace.isBroken) return { is: 'broken', findings: workspace.findings }
  const access = readAccess(workspace.resources.values(), { now })
  const nodes = new Map<Address, GraphNodeKind>()
  const edges: Graph['edges'][number][] = []
  const mounts = [...workspace.resources.values()].filter(it => isMountAddress(it.address)).map(it => it.address)
  for (const mount of mounts) nodes.set(mount, 'mount')
  for (const { address, policies } of access.holders) {
    nodes.set(address, 'holder')
    const home = mounts.find(it => address.startsWith(it))
    if (home !== undefined) edges.push({ from: home, to: address, how: 'lives' })
    for (const name of policies) {
      const policy = `policy/${name}` as Address
      if (!workspace.resources.has(policy)) continue
      edges.push({ from: address, to: policy, how: 'holds' })
    }
  }
  for (const address of workspace.resources.keys()) {
    if (classOf(address) !== 'policy') continue
    nodes.set(address, 'policy')
    const rules = access.policy(restOf(address))?.rules ?? []
    // A rule that allows nothing reaches nothing.
    const paths = rules.flatMap(it =>
      it.capabilities.length === 0 || it.capabilities.includes('deny') ? [] : [it.path.replace(/^\//, '')],
    )
    for (const mount of mounts.filter(it => paths.some(path => mayReach(path, pathOf(it)))))
      edges.push({ from: address, to: mount, how: 'reaches' })
  }
  return { is: 'drawn', graph: { nodes: [...nodes].map(([id, kind]) => ({ id, kind })), edges } }
}

const pathOf = (mount: Address): string => (classOf(mount) === 'auth' ? mount : restOf(mount))

/** Whether a path of a rule can be one below the mount. */
function mayReach(path: string, mount: string): boolean {
  const open = path.endsWith('*')
  const said = (open ? path.slice(0, -1) : path).split('/')
  const wanted = mount.split('/').slice(0, -1)
  return (
    wanted.every((name, i) => {
      const part = said[i]
      if (part === undefined) return open
      const isLast = open && i === said.length - 1
      return part === '+' || part === name || (isLast && name.startsWith(part))
    }) &&
    (said.length > wanted.length || open)
  )
}
