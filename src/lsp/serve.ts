import {
  createConnection,
  TextDocuments,
  TextDocumentSyncKind,
  type Connection,
  type InitializeParams,
  type InitializeResult,
} from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { formatPolicy } from '../hcl/index.ts'
import { actionKinds, actionsAt } from './actions.ts'
import { completionsAt } from './complete.ts'
import { editsTo } from './edits.ts'
import { hoverAt } from './hover.ts'
import { Session } from './session.ts'

export interface ServeOptions {
  /** Messages of the protocol from the editor; its end ends the server. */
  readonly input: NodeJS.ReadableStream
  /** To the editor. Nothing else may be written there. */
  readonly output: NodeJS.WritableStream
  readonly now: () => Date
  readonly version: string
}

/** Serves one editor until it leaves. The library ends the process when the editor asks for that, as the protocol wants it. */
export async function serve({ input, output, now, version }: ServeOptions): Promise<void> {
  const connection = createConnection(input, output)
  const documents = new TextDocuments(TextDocument)
  const session = new Session(connection, documents, now)
  const can = { snippets: false, watch: false }

  connection.onInitialize((params): InitializeResult => {
    can.snippets = params.capabilities.textDocument?.completion?.completionItem?.snippetSupport === true
    can.watch = params.capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration === true
    session.addFolders(foldersOf(params))
    return { capabilities, serverInfo: { name: 'lockstep', version } }
  })
  connection.onInitialized(() => {
    if (can.watch) void watch(connection)
    session.lintEverything()
  })
  documents.onDidChangeContent(({ document }) => session.changed(document))
  documents.onDidClose(({ document }) => session.closed(document))
  documents.onDidSave(() => session.lintEverything())
  connection.onDidChangeWatchedFiles(() => session.lintEverything())
  answerRequests(connection, documents, session, now, can)
  documents.listen(connection)
  connection.listen()
  await new Promise<void>(done => void input.once('end', done).once('close', done))
}

const capabilities: InitializeResult['capabilities'] = {
  textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
  hoverProvider: true,
  completionProvider: { triggerCharacters: ['"', '/'] },
  documentFormattingProvider: true,
  codeActionProvider: { codeActionKinds: [...actionKinds] },
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams & { readonly rootUri?: string | null }): readonly string[] {
  const folders = (workspaceFolders ?? []).map(it => it.uri)
  return folders.length === 0 && typeof rootUri === 'string' ? [rootUri] : folders
}

async function watch(connection: Connection): Promise<void> {
  const watchers = ['**/*.hcl', '**/*.yaml'].map(globPattern => ({ globPattern }))
  await connection.client.register({ method: 'workspace/didChangeWatchedFiles' } as never, { watchers } as never)
}

function answerRequests(
  connection: Connection,
  documents: TextDocuments<TextDocument>,
  session: Session,
  now: () => Date,
  can: { readonly snippets: boolean },
): void {
  connection.onHover(async ({ textDocument, position }) => {
    const at = session.policyAt(textDocument.uri)
    return at === undefined ? null : hoverAt(at.document, at.document.offsetAt(position), await at.repository.viewAround(at.place.name))
  })
  connection.onCompletion(async ({ textDocument, position }) => {
    const at = session.policyAt(textDocument.uri)
    if (at === undefined) return []
    return [...completionsAt(at.document, at.document.offsetAt(position), await at.repository.viewAround(at.place.name), can.snippets)]
  })
  connection.onDocumentFormatting(({ textDocument }) => {
    const at = session.policyAt(textDocument.uri)
    if (at === undefined) return []
    const { value, findings } = formatPolicy({ name: at.place.name, text: at.document.getText() }, { now: now() })
    if (value !== undefined) return editsTo(at.document, value)
    // The places are marked in the text already; a box that opens at each save would only be in the way.
    for (const { summary, at: place } of findings)
      connection.console.warn(`${at.place.name}:${place?.start.line ?? 1}: not formatted: ${summary}`)
    return []
  })
  connection.onCodeAction(async ({ textDocument, range, context }) => {
    const at = session.at(textDocument.uri)
    if (at === undefined) return []
    const findings = (await at.repository.lint('open')).get(at.place.name) ?? []
    const document = documents.get(textDocument.uri) ?? at.document
    return [...actionsAt(document, at.place.name, range, findings, context.only)]
  })
}
