/** What somebody asks for in a comment. */
export type Request = 'plan' | 'apply' | 'unlock'

const REQUESTS: readonly Request[] = ['plan', 'apply', 'unlock']

/**
 * `/lockstep plan`, `/lockstep apply` or `/lockstep unlock`, alone on the first line; what stands below is for people. Everything else
 * asks for nothing: a quotation, a longer line, another case.
 */
export function requestIn(comment: string): Request | undefined {
  const [first = ''] = comment.split(/\r?\n/, 1)
  const [, word] = /^\/lockstep +([a-z]+) *$/.exec(first) ?? []
  return REQUESTS.find(it => it === word)
}
