/**
 * What is written where people review a change on GitHub: comments, the check, its annotations, the issue of a drift, a job's summary.
 * Pure: a plan in, texts out. Must not know GitHub's API, only how long its texts may be.
 */
export { planAnnotations, type PlanAnnotation } from './annotations.ts'
export { checkSummary, driftIssueText, failureComment, jobSummary, planComments, type CommentOptions } from './comments.ts'
export { maskedFindings, maskedPlan } from './mask.ts'
export { failureOutputs, outputsText, planOutputs, type Outputs } from './outputs.ts'
export { planHeadline } from './headline.ts'
