/**
 * The files of a managed repository → settings and desired resources, each knowing its file, line and column. The only importer
 * of yaml. Knows the syntax of files and what objects look like; must not know the target, and must never leave out what it does
 * not understand: a file that is skipped is an object that is deleted.
 */
export { fileOf, isManagedPath, mainFolders, managedFolders, readFolder, settingsFile } from './folder.ts'
export { parseHcl2 } from './hcl2.ts'
export { readYaml } from './yaml.ts'
export { type Workspace, type WorkspaceOptions, loadWorkspace } from './workspace.ts'
