/**
 * What the commands of the reconciler share: their flags, which repository and which target they mean, and how they end. Knows
 * the command line and the reconciler's face; must not know what a plan says.
 */
export { connectionAndRepository, consentFlags, formatOf, type AllFlags, type ConsentFlags, type ReportFormat } from './flags.ts'
export { consentsOf, paintOf } from './output.ts'
export { eventLine, timeLeft, whileReading } from './progress.ts'
export { absolute, exitCodes, filesOf, folderOf, openSession, orFail, selectionOf, type Session, type SessionGiven } from './session.ts'
