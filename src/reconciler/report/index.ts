/**
 * Plans, findings and applies as text and as JSON, for people and for machines. Pure: values in, text out; the only importer of
 * diff. Whatever comes from a file or a server is made harmless before it is shown. Must not know where the text goes.
 */
export { applyJson } from './apply-json.ts'
export { renderApplied, renderProgress, type AppliedFacts } from './apply-text.ts'
export { driftJson, driftJunit, driftMarkdown, driftSarif, percentText } from './drift/index.ts'
export { diffJson, diffMarkdown, renderDiff, type DiffSides } from './diff.ts'
export { dotGraph, graphJson, mermaidGraph } from './graph.ts'
export { renderFindings } from './finding-lines.ts'
export { findingsJson } from './findings-json.ts'
export { shortCommit } from './heading.ts'
export { renderMarkdown } from './markdown.ts'
export { coloured, harmlessLine, plain, type Colour, type Paint } from './paint.ts'
export { renderDrift, renderPlan, type PlanTextOptions } from './plan-text.ts'
export { textDiff, type DiffLine } from './text-diff.ts'
