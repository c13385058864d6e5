/**
 * What the commands that ask about access share: their flags, and where the answer comes from: the files of a repository, or a
 * target. Knows the command line and the reconciler's face; must not know what a policy means.
 */
export {
  accessFlags,
  accessOfFiles,
  accessOfTarget,
  askedRequest,
  factsOf,
  openAccess,
  openLive,
  orUsage,
  refuseFiles,
  type AccessFlags,
  type AccessGiven,
  type OpenedAccess,
} from './open.ts'
