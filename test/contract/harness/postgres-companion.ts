import { startPostgres } from './postgres.ts'
import type { Companion } from './scenario.ts'

/** Every role but the server's own, with what it may do, when it ends, and what it was granted. */
const ROLES = `SELECT r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls,
    r.rolconnlimit, extract(epoch FROM r.rolvaliduntil)::float8 AS until, left(a.rolpassword, 18) AS kept,
    ARRAY(SELECT g.rolname::text FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid ORDER BY 1) AS member_of,
    ARRAY(SELECT c.relname || ' ' || x.privilege_type FROM pg_class c, aclexplode(c.relacl) x WHERE x.grantee = r.oid ORDER BY 1) AS grants
  FROM pg_roles r JOIN pg_authid a USING (oid) WHERE r.rolname !~ '^pg_' AND r.rolname <> 'root' ORDER BY r.oid`

/** A PostgreSQL beside each server; BESIDE does what is SQL, `stop` and `start`. */
export async function postgresBeside(): Promise<Companion> {
  const server = await startPostgres()
  await server.query('CREATE TABLE accounts (id int)')
  await server.query('CREATE SCHEMA "odd; ""schema"""')
  await server.query('CREATE TABLE "odd; ""schema""".things (id int)')
  let isDown = false
  return {
    variables: { pg: server.url(), pgPort: String(server.port), pgPassword: server.password, pgAddress: `127.0.0.1:${server.port}` },
    async act(what) {
      if (what === 'stop') await server.stop()
      if (what === 'start') await server.start()
      isDown = what === 'stop'
      return what === 'stop' || what === 'start' ? what : server.query(what)
    },
    state: async () => (isDown ? 'down' : server.query(ROLES)),
    stop: () => server.remove(),
  }
}
