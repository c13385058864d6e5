import type { Severity } from '../../../kernel/index.ts'
import type { LintReport } from './reported.ts'

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', note: 'notice' }

/** Workflow commands of GitHub Actions, which become annotations of the pull request. */
export const githubReport = ({ findings }: LintReport): string =>
  findings
    .map(({ code, severity, summary, detail, at: { file, start, end } }) => {
      // Columns are only taken where a range ends on the line on which it begins.
      const columns = start.line === end.line ? { col: start.column, endColumn: end.column } : {}
      const properties = { file, line: start.line, endLine: end.line, ...columns, title: code }
      const list = Object.entries(properties).map(([name, value]) => `${name}=${escapedProperty(String(value))}`)
      return `::${COMMANDS[severity]} ${list.join(',')}::${escaped(detail === undefined ? summary : `${summary}\n${detail}`)}\n`
    })
    .join('')

const escaped = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapedProperty = (text: string): string => escaped(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
