/**
 * The words of the reconciler: addresses, resources, what is live, the ledger, plans and findings, as values. Knows kernel only;
 * must not know files, HTTP, kinds of objects, or how a plan is made or shown.
 */
export { type AccessEntry, type AnsweringRule, escalations, sortAccess } from './access.ts'
export {
  type Address,
  type AddressClass,
  type Home,
  type MountTable,
  addressMatcher,
  apiAddress,
  apiPath,
  classOf,
  homeAddress,
  isMountAddress,
  mountAddress,
  mountBelow,
  objectAddress,
  parseAddress,
  policyAddress,
  restOf,
} from './address.ts'
export {
  type Coverage,
  type CoverageClass,
  type Covered,
  type StandingIgnore,
  coverageClasses,
  coverageOf,
  coveredPercent,
} from './coverage.ts'
export { type ChangedBy, type Changes, drifted, movedIds, movedWords } from './drift.ts'
export { type Graph, type GraphNodeKind } from './graph.ts'
export { type FindingCode, errorAt, fileRange, finding, findingCodes, hasErrors, placeText, sortFindings } from './finding.ts'
export {
  type Ledger,
  type LedgerChange,
  type LedgerEdit,
  type LedgerEntry,
  type Origin,
  type Seal,
  type Sealed,
  emptyLedger,
  isOwned,
  isLock,
  ledgerFolder,
  lockName,
  mergeLedger,
  movedEntries,
} from './ledger.ts'
export {
  type Action,
  type GuardName,
  type Moved,
  type Plan,
  type Refusal,
  type Share,
  type Step,
  type Target,
  type Unmanaged,
  countSteps,
  isDrift,
  isEmptyPlan,
  touchesTarget,
} from './plan.ts'
export { type Move, type Moves, movedAddress, movedKeys, movedReader, noMoves } from './move.ts'
export { type Reference, type Resolve, referenceKeys, referenceText } from './reference.ts'
export { type KindName, type LiveObject, type NamedObject, type Resource, type Subject } from './resource.ts'
export {
  type Change,
  type Kind,
  type Kinds,
  type TargetAnswer,
  type TargetReader,
  type TargetWriter,
  type Unread,
  nothingUnread,
  statusOf,
} from './kind.ts'
export {
  type Cap,
  type IgnoreRule,
  type LimitSettings,
  type LintSettings,
  type LoginSettings,
  type OwnershipSettings,
  type Settings,
  type TargetSettings,
  allowedBy,
  defaultSettings,
} from './settings.ts'
export { type ListNode, type MapEntry, type MapNode, type ScalarNode, type SourceNode, nodeWords, plainValue } from './source-node.ts'
export { type RepositoryFile, type Source } from './source.ts'
export { type Digest, type Values, digestOf, digestOfText, equalJson, fingerprintOf, stableJson, textOf, without } from './values.ts'
export { PlanUnreadable, decodeFailedPlan, decodePlan } from './plan-decode.ts'
export { accessJson, diagnosticJson, encodePlan, planJson } from './plan-json.ts'
