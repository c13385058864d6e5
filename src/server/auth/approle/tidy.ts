import { gives, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import type { View } from '../../logical/index.ts'
import type { Mount } from './mount.ts'
import { deleteSecretId, deleteSecretIdsOf, isExpired, parseSecretId, secretIdsOf, type Owner } from './secret-id.ts'

const routes = {
  tidy: route('tidy/secret-id', {
    doc: 'Takes away secret ids that have expired, and what is left of deleted roles. It also happens by itself.',
    ops: { write: op({ doc: 'Start now, in the background.', gives: gives.nothing }) },
  }),
}

/** Nothing depends on it: an expired secret id is good for nothing, tidied or not. */
const INTERVAL = 10 * 60 * 1000
const PAGE = 256

/** Deletes expired secret ids, each with its accessor in a transaction, and all of those whose role is gone. */
async function tidy(mount: Mount, now: number, signal: AbortSignal): Promise<void> {
  const { view } = mount.host
  const salt = await mount.salt(view)
  if (salt === undefined) return
  for (const localSecretIds of [false, true]) {
    // Listed before the roles are read: an id that then belongs to none was that of a deleted role, not of one in the making.
    const folders = await view.list(localSecretIds ? 'secret_id_local/' : 'secret_id/')
    const living = await roleIds(mount, view, signal)
    for (const folder of folders) {
      if (signal.aborted) return
      const owner: Owner = { id: folder.slice(0, -1), localSecretIds }
      if (!living.has(owner.id)) await deleteSecretIdsOf(view, salt, owner)
      else {
        for await (const name of expired(view, owner, now, signal)) {
          await view.transact(async view => {
            const bytes = await secretIdsOf(view, owner).get(name)
            const it = bytes && parseSecretId(bytes)
            if (it && isExpired(it, now)) await deleteSecretId(view, salt, owner, name, it.accessor)
          })
        }
      }
    }
  }
}

async function roleIds(mount: Mount, view: View, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (let after: string | undefined; !signal.aborted;) {
    const names = await mount.roleNames(view, { limit: PAGE, ...(after !== undefined && { after }) })
    for (const name of names) {
      const found = await mount.role(view, name)
      if (found) ids.add(found.role.id)
    }
    if (names.length < PAGE) break
    after = names.at(-1)
  }
  return ids
}

async function* expired(view: View, owner: Owner, now: number, signal: AbortSignal): AsyncGenerator<string> {
  const at = secretIdsOf(view, owner)
  for (let after: string | undefined; !signal.aborted;) {
    const names = await at.list('', { limit: PAGE, ...(after !== undefined && { after }) })
    for (const name of names) {
      const bytes = await at.get(name)
      if (bytes && isExpired(parseSecretId(bytes), now)) yield name
    }
    if (names.length < PAGE) return
    after = names.at(-1)
  }
}

/** False when one is on its way already. */
function start(mount: Mount): boolean {
  if (mount.tidying !== undefined) return false
  const now = mount.host.clock.now().getTime()
  mount.lastTidy = now
  mount.tidying = tidy(mount, now, mount.closing.signal)
    .catch((cause: unknown) => mount.host.log.write('error', 'tidying secret ids failed, and will be tried again', { cause }))
    .finally(() => (mount.tidying = undefined))
  return true
}

/** Periodically, on the writer. */
export async function tick(mount: Mount, now: Date): Promise<void> {
  if (now.getTime() - mount.lastTidy < INTERVAL) return
  start(mount)
  await mount.tidying
}

export const tidying: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  tidy: {
    async write({ warn }) {
      const started = start(mount)
      warn(
        started
          ? "Tidy operation successfully started. Any information from the operation will be printed to OpenBao's server logs."
          : 'Tidy operation already in progress.',
      )
      return started ? { is: 'nothing', status: 202 } : { is: 'nothing' }
    },
  },
}))
