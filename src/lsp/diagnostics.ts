import { DiagnosticSeverity, type Diagnostic, type Range } from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { rules, type LintFinding } from '../reconciler/rules/index.ts'
import type { Severity, SourceRange } from '../kernel/index.ts'

const severities: Readonly<Record<Severity, DiagnosticSeverity>> = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  note: DiagnosticSeverity.Information,
}

const pages = new URL('../../docs/reference/', import.meta.url)

/** The page about a code: one of a rule's own, or its place among the others. Read from the installation, so that it is of its version. */
const pageOf = (code: string): string =>
  new URL(Object.hasOwn(rules, code) ? `rules/${code}.md` : `findings.md#${code.toLowerCase()}`, pages).href

/** Where in the protocol a range is; one without width, which stands for the file, is its first line. */
export function rangeIn(document: TextDocument, { start, end }: SourceRange): Range {
  if (start.offset === end.offset && start.offset === 0) return { start: document.positionAt(0), end: { line: 0, character: 1_000 } }
  return { start: document.positionAt(start.offset), end: document.positionAt(end.offset) }
}

/** `documentOf` gives the document and the address of a file by the name that findings have. */
export function diagnosticOf(finding: LintFinding, documentOf: (name: string) => TextDocument | undefined): Diagnostic {
  const { code, summary, detail, severity, at, related = [] } = finding
  const relatedInformation = related.flatMap(it => {
    const document = documentOf(it.at.file)
    return document === undefined ? [] : { location: { uri: document.uri, range: rangeIn(document, it.at) }, message: it.note }
  })
  const document = documentOf(at.file) ?? TextDocument.create('', '', 0, '')
  return {
    range: rangeIn(document, at),
    severity: severities[severity],
    source: 'lockstep',
    code,
    codeDescription: { href: pageOf(code) },
    message: detail === undefined ? summary : `${summary}\n${detail}`,
    ...(relatedInformation.length === 0 ? {} : { relatedInformation }),
  }
}
