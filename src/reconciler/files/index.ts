/**
 * Where the files of a managed repository lie on the disk, for the commands that look at many of them and for the editor. Knows
 * folders and names; must not parse anything, nor bring along what does, because `fmt` starts with it.
 */
export { isAtOrBelow, managedFolder, policiesIn, policyFolders } from './find.ts'
export { describingFiles } from './describing.ts'
