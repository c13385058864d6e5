/**
 * The command line: the command table, argument parsing, help, output and exit codes. The only place that touches `process`,
 * its streams and its arguments; knows all layers, and is known by none.
 *
 * To add a command: one file and one line. The file, `commands/<name>.ts` (a folder for a family: `commands/kv/put.ts`), has
 * `export const command: Command = defineCommand({ usage, about, flags, run })`; the line goes into `command-table.ts`:
 * `{ name: 'plan', job: jobs.reconcile, doc: 'Show what apply would change', load: () => import('./commands/plan.ts') }`.
 * Modules are loaded when they are called, so a command's imports cost the others nothing; keep it so.
 *
 * `flags` is a record of makers (`flag.string(doc, { default, env })`, `flag.bool`, `flag.int`, `flag.duration`, `flag.strings`,
 * `flag.pairs`); its keys are the flags' names (`keyShares` is `-key-shares`), and `run(ctx, { flags, args, set })` gets them typed.
 * `run` gives the exit code. It writes to `ctx.stdout` and `ctx.stderr`, takes time from `ctx.clock`, reads the environment from
 * `ctx.env`, stops on `ctx.signal`, and throws CommandFailed(message, exitCode) for what ends it. A command that speaks to a
 * server spreads `...connectionFlags` into its flags and calls `connect(ctx, flags)`; `api/` has requests whose refusals end the
 * command, `output/` prints results in the format that `...formatFlags` ask for, `input/` reads `key=value` data.
 */
export { type Command, type Context, type Env, type Given, type Input, type Output, CommandFailed, defineCommand } from './command.ts'
export { type Flag, type FlagOptions, type Flags, type ValuesOf, flag } from './flag.ts'
export { dispatch } from './dispatch.ts'
export { type Connected, type Connection, type ConnectionFlags, connect, connectionFlags } from './connection.ts'
