import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node'

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

export interface Position {
  readonly line: number
  readonly character: number
}

export interface Marked {
  readonly range: { readonly start: Position; readonly end: Position }
  readonly code: string
  readonly severity: number
  readonly message: string
  readonly source: string
  readonly codeDescription: { readonly href: string }
}

interface Published {
  readonly uri: string
  readonly diagnostics: readonly Marked[]
}

/** An editor that has a folder open, and the language server as its child, spoken to as an editor does. */
export interface Editor {
  readonly dir: string
  uri(path: string): string
  /** Opens a document, or changes it if it is open; its text may differ from the file's. */
  open(path: string, text: string, languageId?: string): void
  change(path: string, text: string): void
  save(path: string, text: string): Promise<void>
  close(path: string): void
  /** A file that another program has written. */
  written(path: string, text: string): Promise<void>
  /** What is marked in a file as soon as it satisfies the test. */
  marks(path: string, isIt: (marks: readonly Marked[]) => boolean): Promise<readonly Marked[]>
  codes(path: string, codes: readonly string[]): Promise<readonly Marked[]>
  request<T>(method: string, params: object): Promise<T>
  /** Shuts the server down, and gives its exit code. */
  leave(): Promise<number | null>
}

export async function editorOf(
  files: Readonly<Record<string, string>>,
  { hasSnippets = true }: { readonly hasSnippets?: boolean } = {},
): Promise<Editor> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-lsp-'))
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  for (const [path, text] of Object.entries(files)) await put(path, text)

  const child = spawn(process.execPath, [main, 'lsp', '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'], cwd: dir })
  const ended = new Promise<number | null>(done => child.once('exit', done))
  const connection = createMessageConnection(new StreamMessageReader(child.stdout), new StreamMessageWriter(child.stdin))
  const published = new Map<string, readonly Marked[]>()
  const waiting = new Set<() => void>()
  connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }: Published) => {
    published.set(uri, diagnostics)
    for (const look of waiting) look()
  })
  connection.onRequest('client/registerCapability', () => null)
  connection.listen()

  const uri = (path: string): string => pathToFileURL(join(dir, path)).href
  const versions = new Map<string, number>()
  const notify = (method: string, params: object): void => void connection.sendNotification(method, params)
  const change = (path: string, text: string): void => {
    const version = (versions.get(path) ?? 0) + 1
    versions.set(path, version)
    notify('textDocument/didChange', { textDocument: { uri: uri(path), version }, contentChanges: [{ text }] })
  }
  const marks: Editor['marks'] = (path, isIt) =>
    new Promise(done => {
      const look = (): void => {
        const now = published.get(uri(path))
        if (now === undefined || !isIt(now)) return
        waiting.delete(look)
        done(now)
      }
      waiting.add(look)
      look()
    })

  await connection.sendRequest('initialize', {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: [{ uri: pathToFileURL(dir).href, name: 'test' }],
    capabilities: {
      textDocument: { completion: { completionItem: { snippetSupport: hasSnippets } } },
      workspace: { didChangeWatchedFiles: { dynamicRegistration: true } },
    },
  })
  notify('initialized', {})

  return {
    dir,
    uri,
    open(path, text, languageId = path.endsWith('.hcl') ? 'hcl' : 'yaml') {
      if (versions.has(path)) return change(path, text)
      versions.set(path, 1)
      notify('textDocument/didOpen', { textDocument: { uri: uri(path), languageId, version: 1, text } })
      return undefined
    },
    change,
    async save(path, text) {
      await put(path, text)
      notify('textDocument/didSave', { textDocument: { uri: uri(path) } })
    },
    close(path) {
      versions.delete(path)
      notify('textDocument/didClose', { textDocument: { uri: uri(path) } })
    },
    async written(path, text) {
      await put(path, text)
      notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri(path), type: 2 }] })
    },
    marks,
    codes: (path, codes) => marks(path, it => JSON.stringify(it.map(({ code }) => code)) === JSON.stringify(codes)),
    request: (method, params) => connection.sendRequest(method, params),
    async leave() {
      await connection.sendRequest('shutdown')
      notify('exit', {})
      const code = await ended
      connection.dispose()
      await rm(dir, { recursive: true })
      return code
    },
  }
}

/** Where `|` stands in a text, and the text without it. */
export function cursorIn(marked: string): { readonly text: string; readonly position: Position } {
  const before = marked.slice(0, marked.indexOf('|')).split('\n')
  return { text: marked.replace('|', ''), position: { line: before.length - 1, character: (before.at(-1) as string).length } }
}
