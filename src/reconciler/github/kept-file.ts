import { statusOf, type GitHub } from './connect.ts'

/**
 * One text kept in the repository behind a reference of its own, outside of branches and tags: nobody checks it out, no workflow
 * starts by it, and it has no history. GitHub makes a reference or refuses it, never both; so it can be a lock.
 */
export interface KeptFile {
  /** Below `refs/lockstep/`. */
  readonly name: string
  readonly message: string
  readonly text: string
}

const FILE = 'lockstep'
/** A name of a target as part of a reference: what Git refuses in one is written by its number. */
export const refPart = (name: string): string =>
  [...Buffer.from(name)].map(it => (/[\w-]/.test(String.fromCharCode(it)) ? String.fromCharCode(it) : `=${it.toString(16)}`)).join('')

const refOf = (name: string): string => `lockstep/${name}`

/** Undefined: there is none. */
export async function readKept({ rest, owner, repo }: GitHub, name: string): Promise<string | undefined> {
  try {
    const { data: ref } = await rest.git.getRef({ owner, repo, ref: refOf(name) })
    const { data: commit } = await rest.git.getCommit({ owner, repo, commit_sha: ref.object.sha })
    const { data: tree } = await rest.git.getTree({ owner, repo, tree_sha: commit.tree.sha })
    const file_sha = tree.tree.find(it => it.path === FILE)?.sha ?? ''
    const { data: blob } = await rest.git.getBlob({ owner, repo, file_sha })
    return Buffer.from(blob.content, 'base64').toString('utf8')
  } catch (cause) {
    if (statusOf(cause) === 404) return undefined
    throw cause
  }
}

/** False: somebody else was first. */
export async function createKept(github: GitHub, kept: KeptFile): Promise<boolean> {
  const { rest, owner, repo } = github
  try {
    await rest.git.createRef({ owner, repo, ref: `refs/${refOf(kept.name)}`, sha: await commitOf(github, kept) })
    return true
  } catch (cause) {
    if (statusOf(cause) === 422 && (await readKept(github, kept.name)) !== undefined) return false
    throw cause
  }
}

export async function removeKept({ rest, owner, repo }: GitHub, name: string): Promise<void> {
  try {
    await rest.git.deleteRef({ owner, repo, ref: refOf(name) })
  } catch (cause) {
    // 422 is how GitHub says that there is no such reference.
    if (statusOf(cause) !== 404 && statusOf(cause) !== 422) throw cause
  }
}

async function commitOf({ rest, owner, repo }: GitHub, { message, text }: KeptFile): Promise<string> {
  const { data: blob } = await rest.git.createBlob({ owner, repo, content: Buffer.from(text).toString('base64'), encoding: 'base64' })
  const { data: tree } = await rest.git.createTree({ owner, repo, tree: [{ path: FILE, mode: '100644', type: 'blob', sha: blob.sha }] })
  const { data: commit } = await rest.git.createCommit({ owner, repo, message, tree: tree.sha, parents: [] })
  return commit.sha
}
