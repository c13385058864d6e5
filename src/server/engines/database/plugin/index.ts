/**
 * The port between the database engine and its plugins, and what plugins share: reading of details and statements. Knows kernel
 * and schema. Must not know the engine, nor any database.
 */
export type { ConnectionDetails, Credential, CredentialType, Database, DatabasePlugin, NewUser, PluginPorts } from './plugin.ts'
export { RefusedByDatabase } from './plugin.ts'
export { decodeDetails, sqlDetails, type SqlDetails } from './details.ts'
export { splitStatements, statementTexts } from './statements.ts'
export { withoutSecrets } from './secrets.ts'
