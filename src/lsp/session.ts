import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Connection, TextDocuments } from 'vscode-languageserver/node'
import { TextDocument } from 'vscode-languageserver-textdocument'
import { managedFolder } from '../reconciler/files/index.ts'
import type { LintFinding } from '../reconciler/rules/index.ts'
import { diagnosticOf } from './diagnostics.ts'
import { placeOf, type Place } from './document-kind.ts'
import { Repository } from './repository.ts'

/** An open document with what it belongs to. */
export interface OpenDocument {
  readonly document: TextDocument
  readonly place: Place
  readonly repository: Repository
}

type Scope = 'open' | 'all'

/**
 * The repositories that an editor has open, and what was last said of their files. While somebody types, open documents are looked
 * at; when something is saved or changes on the disk, everything is. What comes in while a round is under way is one further round.
 */
export class Session {
  readonly #connection: Connection
  readonly #documents: TextDocuments<TextDocument>
  readonly #now: () => Date
  readonly #open = new Map<string, OpenDocument>()
  /** By folder; '' for documents that belong to none. */
  readonly #repositories = new Map<string, Repository>()
  readonly #waiting = new Map<Repository, Scope>()
  /** Files that have findings in the editor, by repository. */
  readonly #marked = new Map<Repository, Set<string>>()
  #isRunning = false

  constructor(connection: Connection, documents: TextDocuments<TextDocument>, now: () => Date) {
    this.#connection = connection
    this.#documents = documents
    this.#now = now
  }

  /** Folders that the editor shows: what is managed in them is looked at before a file is opened. */
  addFolders(uris: readonly string[]): void {
    for (const uri of uris) {
      const folder = uri.startsWith('file:') ? fileURLToPath(uri) : undefined
      const root = folder !== undefined && existsSync(folder) ? managedFolder(folder) : undefined
      if (root !== undefined) this.#repository(root)
    }
  }

  at(uri: string): OpenDocument | undefined {
    const known = this.#open.get(uri)
    return known === undefined ? undefined : { ...known, document: this.#documents.get(uri) ?? known.document }
  }

  policyAt(uri: string): OpenDocument | undefined {
    const at = this.at(uri)
    return at?.place.kind === 'policy' ? at : undefined
  }

  changed(document: TextDocument): void {
    const place = this.#open.get(document.uri)?.place ?? placeOf(document.uri, document.languageId)
    if (place === undefined) return
    const repository = this.#repository(place.root ?? '')
    this.#open.set(document.uri, { document, place, repository })
    repository.open(place, document.getText())
    this.#schedule(repository, 'open')
  }

  closed({ uri }: TextDocument): void {
    const at = this.#open.get(uri)
    if (at === undefined) return
    this.#open.delete(uri)
    at.repository.close(at.place.name)
    if (at.place.root === undefined) void this.#connection.sendDiagnostics({ uri, diagnostics: [] })
    else this.#schedule(at.repository, 'all')
  }

  lintEverything(): void {
    for (const repository of this.#repositories.values()) {
      repository.forget()
      this.#schedule(repository, 'all')
    }
  }

  #repository(root: string): Repository {
    const known = this.#repositories.get(root)
    if (known !== undefined) return known
    const made = new Repository(root === '' ? undefined : root, this.#now)
    this.#repositories.set(root, made)
    return made
  }

  #schedule(repository: Repository, scope: Scope): void {
    if (this.#waiting.get(repository) !== 'all') this.#waiting.set(repository, scope)
    if (this.#isRunning) return
    this.#isRunning = true
    // Changes that arrive together are read before the first of them is looked at.
    setImmediate(() => void this.#run())
  }

  async #run(): Promise<void> {
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const [repository, scope] = next
      this.#waiting.delete(repository)
      try {
        const found = await repository.lint(scope)
        // A text that has changed meanwhile waits for its own round.
        if (!this.#waiting.has(repository)) this.#publish(repository, scope, found)
      } catch (thrown) {
        this.#connection.console.error(`lint failed: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`)
      }
    }
    this.#isRunning = false
  }

  #publish(repository: Repository, scope: Scope, found: ReadonlyMap<string, readonly LintFinding[]>): void {
    const marked = this.#marked.get(repository) ?? new Set()
    this.#marked.set(repository, marked)
    const open = new Map([...this.#open.values()].filter(it => it.repository === repository).map(it => [it.place.name, it.document]))
    const documentOf = (name: string): TextDocument | undefined => open.get(name) ?? this.#closedDocument(repository, name)
    for (const [name, findings] of found) {
      const document = open.get(name)
      if (findings.length === 0 && document === undefined && !marked.has(name)) continue
      const uri = document?.uri ?? uriOf(repository, name)
      const diagnostics = findings.map(it => diagnosticOf(it, documentOf))
      void this.#connection.sendDiagnostics({ uri, diagnostics, ...(document === undefined ? {} : { version: document.version }) })
      if (findings.length > 0) marked.add(name)
      else marked.delete(name)
    }
    if (scope !== 'all') return
    for (const name of marked) {
      if (found.has(name)) continue
      marked.delete(name)
      void this.#connection.sendDiagnostics({ uri: uriOf(repository, name), diagnostics: [] })
    }
  }

  #closedDocument(repository: Repository, name: string): TextDocument | undefined {
    const text = repository.text(name)
    return text === undefined ? undefined : TextDocument.create(uriOf(repository, name), '', 0, text)
  }
}

const uriOf = ({ root }: Repository, name: string): string => (root === undefined ? name : pathToFileURL(join(root, name)).href)
