/**
 * Deletes users without statements of the role's author. What a user owns is given to whom we log in as, and never dropped: it is
 * data. What it was granted is taken back.
 */
import type { Connection } from './pool.ts'
import { quoteIdentifier } from './fill.ts'
import { sqlState } from './failures.ts'
import { underLock } from './grants-lock.ts'

/** The server cuts names at 63 bytes, so it is asked for the name that it knows. */
const LOOK = `SELECT r.rolname::text AS name, EXISTS (
    SELECT FROM pg_catalog.pg_shdepend d WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = r.oid
  ) AS depended
  FROM pg_catalog.pg_roles r WHERE r.rolname = ANY ($1::name[])`

/** The schemas of this database in which something was granted to the user, and the database itself. */
const GRANTS = `SELECT current_database()::text AS database, ARRAY(
  SELECT DISTINCT n.nspname::text FROM pg_catalog.pg_shdepend d
  LEFT JOIN pg_catalog.pg_class c ON d.classid = 'pg_catalog.pg_class'::regclass AND c.oid = d.objid
  LEFT JOIN pg_catalog.pg_proc p ON d.classid = 'pg_catalog.pg_proc'::regclass AND p.oid = d.objid
  JOIN pg_catalog.pg_namespace n ON n.oid = COALESCE(c.relnamespace, p.pronamespace, d.objid)
  WHERE d.refclassid = 'pg_catalog.pg_authid'::regclass AND d.refobjid = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1::name)
) AS schemas`

const INSUFFICIENT_PRIVILEGE = '42501'
const UNDEFINED_OBJECT = '42704'

interface Role {
  readonly name: string
  /** Something is owned by it or granted to it. */
  readonly depended: boolean
}
interface Grants {
  readonly database: string
  readonly schemas: readonly string[]
}

/** Statements that delete those of the users that there are; '' when there is none. */
export async function deletionsOf(connection: Connection, names: readonly string[]): Promise<string> {
  return (await look(connection, names)).map(statementsFor).join('\n;\n')
}

/** A user that is gone is success. */
export async function deletionOf(connection: Connection, name: string): Promise<void> {
  const [role] = await look(connection, [name])
  if (role === undefined) return
  const send = (text: string): Promise<unknown> => connection.query(text)
  try {
    await (role.depended ? underLock(send, statementsFor(role)) : send(statementsFor(role)))
  } catch (cause) {
    if (sqlState(cause) === UNDEFINED_OBJECT) return // another one was quicker
    if (sqlState(cause) !== INSUFFICIENT_PRIVILEGE || !role.depended) throw cause
    // Without the user's own rights what it owns cannot be handed over, but grants can be taken back.
    await underLock(send, takeBack(role, await grantsOf(connection, name)))
  }
}

async function look(connection: Connection, names: readonly string[]): Promise<readonly Role[]> {
  return (await connection.query<Role>(LOOK, [names])).rows
}

function statementsFor({ name, depended }: Role): string {
  const user = quoteIdentifier(name)
  const drop = `DROP ROLE IF EXISTS ${user}`
  return depended ? `REASSIGN OWNED BY ${user} TO CURRENT_USER; DROP OWNED BY ${user}; ${drop}` : drop
}

async function grantsOf(connection: Connection, name: string): Promise<Grants> {
  const { rows } = await connection.query<Grants>(GRANTS, [name])
  return rows[0] as Grants
}

function takeBack({ name }: Role, { database, schemas }: Grants): string {
  const user = quoteIdentifier(name)
  const inSchema = (of: string): readonly string[] => {
    const schema = quoteIdentifier(of)
    const onAll = ['TABLES', 'SEQUENCES', 'ROUTINES'].map(kind => `REVOKE ALL PRIVILEGES ON ALL ${kind} IN SCHEMA ${schema} FROM ${user}`)
    return [...onAll, `REVOKE ALL PRIVILEGES ON SCHEMA ${schema} FROM ${user}`]
  }
  return [
    ...schemas.flatMap(inSchema),
    `REVOKE ALL PRIVILEGES ON DATABASE ${quoteIdentifier(database)} FROM ${user}`,
    `DROP ROLE IF EXISTS ${user}`,
  ].join('; ')
}
