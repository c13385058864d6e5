/**
 * The language server: what an editor is told of the policies and mounts of a repository while somebody writes them. Knows the
 * policy language, the rules and the loader; must not know the command line, a server or a target, and writes no file. The only
 * importer of vscode-languageserver.
 */
export { serve, type ServeOptions } from './serve.ts'
