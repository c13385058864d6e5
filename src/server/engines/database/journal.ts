/**
 * What is about to be done at a database, written down first, so that a crash or a cut connection leaves nothing behind: neither a user
 * that no lease ends, nor a password that nobody knows.
 *
 *     journal/users/<id>     a user about to be made; gone in the transaction that stores its lease
 *     journal/static/<role>  the credential that a static role is about to be given; gone with the role's record
 *     journal/root/<name>    the password that a connection's own user is about to be given; gone with the connection's record
 */
import { collection, type Collection, type View } from '../../logical/index.ts'

export interface PendingUser {
  readonly username: string
  readonly dbName: string
  readonly revocation: readonly string[]
  readonly rollback: readonly string[]
  /** Epoch milliseconds. */
  readonly created: number
  /** The mount's life in which it was written: of an earlier one nothing is on its way any more. */
  readonly life: string
}
export interface PendingPassword {
  readonly username: string
  readonly password: string
}

export interface Journal {
  readonly users: Collection<PendingUser>
  readonly statics: Collection<PendingPassword>
  readonly roots: Collection<PendingPassword>
}

export const journalIn = (view: View): Journal => ({
  users: collection(view, 'journal/users/'),
  statics: collection(view, 'journal/static/'),
  roots: collection(view, 'journal/root/'),
})
