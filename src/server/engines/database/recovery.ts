/** Takes up what a crash, a seal or a cut connection left in the journal. On the writer only, from time to time. */
import { ABANDONED_MS, undo } from './creds.ts'
import { messageOf } from './live-database.ts'
import type { DatabaseMount } from './mount.ts'
import { settleRoot } from './root-rotation.ts'

export async function recover(mount: DatabaseMount): Promise<void> {
  const { journal } = mount.records
  const { log } = mount.host
  for (const name of await journal.roots.names()) {
    if (mount.closing.signal.aborted) return
    await mount.turns
      .take(`config/${name}`, () => settleRoot(mount, name))
      .catch((cause: unknown) =>
        log.write('warn', 'cannot tell yet which password a connection has', { connection: name, error: messageOf(cause) }),
      )
  }
  for (const id of await journal.users.names()) {
    if (mount.closing.signal.aborted) return
    await takeBack(mount, id)
  }
}

async function takeBack(mount: DatabaseMount, id: string): Promise<void> {
  const { log, clock } = mount.host
  const pending = await mount.records.journal.users.get(id)
  if (pending === undefined) return
  if (pending.life === mount.life && clock.now().getTime() - pending.created < ABANDONED_MS) return
  try {
    if (await undo(mount, id, pending))
      log.write('info', 'took back a user that no lease was stored for', { connection: pending.dbName, username: pending.username })
  } catch (cause) {
    log.write('warn', 'cannot take back a user yet', { connection: pending.dbName, username: pending.username, error: messageOf(cause) })
  }
}
