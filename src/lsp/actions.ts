import { CodeActionKind, type CodeAction, type Range } from 'vscode-languageserver/node'
import type { TextDocument } from 'vscode-languageserver-textdocument'
import { applyFixes, rules, type LintFinding } from '../reconciler/rules/index.ts'
import { diagnosticOf, rangeIn } from './diagnostics.ts'
import { editOf, editsTo } from './edits.ts'

const FIX_ALL = `${CodeActionKind.SourceFixAll}.lockstep`

/** The kinds of actions that there are, for the editor's menus and for what it does on save. */
export const actionKinds: readonly string[] = [CodeActionKind.QuickFix, FIX_ALL]

/** What can be done about the findings in a range of a document, and about all of it. */
export function actionsAt(
  document: TextDocument,
  name: string,
  range: Range,
  findings: readonly LintFinding[],
  only: readonly string[] | undefined,
): readonly CodeAction[] {
  const wants = (kind: string): boolean => only === undefined || only.some(it => kind === it || kind.startsWith(`${it}.`))
  const quick = wants(CodeActionKind.QuickFix) ? findings.filter(it => meet(rangeIn(document, it.at), range)) : []
  return [
    ...quick.flatMap(it => [...fixOf(document, it), ...suppressionOf(document, it)]),
    ...(wants(FIX_ALL) ? fixAll(document, name, findings) : []),
  ]
}

const meet = (a: Range, b: Range): boolean => !isBefore(a.end, b.start) && !isBefore(b.end, a.start)
const isBefore = (a: Range['start'], b: Range['start']): boolean => a.line < b.line || (a.line === b.line && a.character < b.character)

const selfOnly = (document: TextDocument) => (): TextDocument => document

/** An edit that is safe is the one that the editor prefers; the others are for the author to judge. */
function fixOf(document: TextDocument, finding: LintFinding): readonly CodeAction[] {
  const { fix } = finding
  if (fix === undefined) return []
  return [
    {
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      isPreferred: fix.safe,
      diagnostics: [diagnosticOf(finding, selfOnly(document))],
      edit: { changes: { [document.uri]: fix.edits.map(it => editOf(document, it)) } },
    },
  ]
}

/** The comment that takes a finding away. Its reason is left to the author, and until it is there the linter asks for it. */
function suppressionOf(document: TextDocument, finding: LintFinding): readonly CodeAction[] {
  const { code, at } = finding
  if (!Object.hasOwn(rules, code) || rules[code]?.severity === 'error') return []
  const isFile = at.start.offset === 0 && at.end.offset === 0
  const line = at.start.line - 1
  const indent = /^[ \t]*/.exec(document.getText({ start: { line, character: 0 }, end: { line, character: 1_000 } }))?.[0] ?? ''
  const newText = isFile ? `# lockstep:ignore ${code}: \n\n` : `${indent}# lockstep:ignore ${code}: \n`
  const position = { line: isFile ? 0 : line, character: 0 }
  return [
    {
      title: `ignore ${code} here, with a reason`,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnosticOf(finding, selfOnly(document))],
      edit: { changes: { [document.uri]: [{ range: { start: position, end: position }, newText }] } },
    },
  ]
}

function fixAll(document: TextDocument, name: string, findings: readonly LintFinding[]): readonly CodeAction[] {
  const fixed = applyFixes({ name, text: document.getText() }, findings)
  if (fixed === undefined) return []
  return [{ title: 'make all safe fixes', kind: FIX_ALL, edit: { changes: { [document.uri]: editsTo(document, fixed.text) } } }]
}
