import type { GitHub } from './connect.ts'

export interface Annotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  /** Only taken where a range ends on the line on which it begins. */
  readonly startColumn?: number
  readonly endColumn?: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title: string
  readonly message: string
}

export interface CheckRun {
  readonly name: string
  readonly sha: string
  readonly conclusion: 'success' | 'failure' | 'neutral'
  readonly title: string
  /** Markdown, at most 65,535 characters. */
  readonly summary: string
  /** Tells one plan's check from another's. */
  readonly externalId: string
  readonly annotations: readonly Annotation[]
  readonly detailsUrl?: string
}

/** So many annotations are taken by one request. */
const BATCH = 50

interface WireAnnotation {
  path: string
  start_line: number
  end_line: number
  start_column?: number
  end_column?: number
  annotation_level: Annotation['level']
  title: string
  message: string
}

interface WireOutput {
  title: string
  summary: string
  annotations: WireAnnotation[]
}

/** A completed check of a commit. Further annotations are added to it by further requests. */
export async function writeCheckRun({ rest, owner, repo }: GitHub, check: CheckRun): Promise<void> {
  const { name, sha, conclusion, title, summary, externalId, annotations, detailsUrl } = check
  const outputOf = (start: number): WireOutput => ({
    title,
    summary,
    annotations: annotations.slice(start, start + BATCH).map(wireAnnotation),
  })
  const { data } = await rest.checks.create({
    owner,
    repo,
    name,
    head_sha: sha,
    external_id: externalId,
    status: 'completed',
    conclusion,
    output: outputOf(0),
    ...(detailsUrl === undefined ? {} : { details_url: detailsUrl }),
  })
  for (let start = BATCH; start < annotations.length; start += BATCH) {
    await rest.checks.update({ owner, repo, check_run_id: data.id, output: outputOf(start) })
  }
}

const wireAnnotation = (it: Annotation): WireAnnotation => ({
  path: it.path,
  start_line: it.startLine,
  end_line: it.endLine,
  ...(it.startLine === it.endLine && it.startColumn !== undefined ? { start_column: it.startColumn } : {}),
  ...(it.startLine === it.endLine && it.endColumn !== undefined ? { end_column: it.endColumn } : {}),
  annotation_level: it.level,
  title: it.title.slice(0, 255),
  message: it.message.slice(0, 16_000),
})
