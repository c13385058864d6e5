/**
 * Keeps a target in lockstep with a branch for as long as it runs: when to look, who works, what is tried again, what is told. Knows
 * the phases of a run as one function that is given to it; must not know how a client is made, how anything is served or sent.
 */
export { Journal } from './journal.ts'
export { LeaderLock, type Attempt, type LeaderLockOptions } from './leader-lock.ts'
export { headline, News, noticeJson, signatureOf, slackJson, type NoticeFacts } from './notices.ts'
export { healthOf, isHealthy, metricsText, statusJson, type Health, type Watched } from './report.ts'
export { type Counts, type RunKind, type RunOutcome, type RunRecord, type RunResult, type WatchedCommit } from './run.ts'
export { defaultWatchSettings, readWatchSettings, type NoticeSettings, type WatchSettings } from './settings.ts'
export { Watch, type WatchLock, type WatchOptions, type WatchRhythm, type WatchState } from './watch.ts'
export { hear, type Delivery, type Heard } from './webhook.ts'
export { standingInTheWay, type Window } from './window.ts'
