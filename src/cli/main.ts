import { dispatch } from './dispatch.ts'
import { processContext } from './process-context.ts'

// The launcher says under which name it was called, since this process only sees its own file's.
const program = process.env['LOCKSTEP_PROGRAM'] ?? 'lockstep'
// Set rather than exit(): what was written to a pipe must leave first.
process.exitCode = await dispatch(processContext(program), process.argv.slice(2))
