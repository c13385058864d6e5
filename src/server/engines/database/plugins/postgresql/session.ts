import type { ClientBase } from 'pg'
import type { Session } from './connection-string.ts'
import { OtherSession } from './failures.ts'

/**
 * Looks whether a session is what is asked for; the server is asked in the words of libpq's documentation of `target_session_attrs`.
 * Rejects with OtherSession when it is not.
 */
export async function checkSession(client: ClientBase, wanted: Session): Promise<void> {
  switch (wanted) {
    case 'read-write':
      if (await isReadOnly(client)) throw new OtherSession('read only connection')
      return
    case 'read-only':
      if (!(await isReadOnly(client))) throw new OtherSession('connection is not read only')
      return
    case 'primary':
      if (await isStandby(client)) throw new OtherSession('server is in standby mode')
      return
    case 'standby':
    case 'prefer-standby':
      if (!(await isStandby(client))) throw new OtherSession('server is not in hot standby mode')
      return
    case 'any':
  }
}

async function isReadOnly(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ readonly transaction_read_only: string }>('SHOW transaction_read_only')
  return rows[0]?.transaction_read_only === 'on'
}

async function isStandby(client: ClientBase): Promise<boolean> {
  const { rows } = await client.query<{ readonly standby: boolean }>('SELECT pg_is_in_recovery() AS standby')
  return rows[0]?.standby === true
}
