/** The one list of databases that the engine can speak to: a new one is a folder and a word here. */
import { table } from '../../../kernel/index.ts'
import type { DatabasePlugin } from './plugin/index.ts'
import { postgresql } from './plugins/postgresql/index.ts'

export const plugins: Readonly<Record<string, DatabasePlugin>> = table(postgresql)
