import { firstToken, formatPolicy, lastToken, tokenName, tokenText, type HclTree } from '../../hcl/index.ts'
import { ofFile, problemIn } from './kit/index.ts'
import type { Rule } from './rule.ts'
import { eachPolicy } from './view/index.ts'

/** Behind these a comment at the end of the line stays where it is. */
const quiet: ReadonlySet<string> = new Set(['STRING', 'RBRACK', 'RBRACE', 'NUMBER', 'BOOL', 'FLOAT'])

/** To format takes longer than everything else here, so it is tried only where comments stand in odd places. */
function hasOddComments(tree: HclTree): boolean {
  const { tokens } = tree
  return tree.comments.some(({ first, last, owned }) => {
    // One that belongs to nothing moves within a body, and stays between blocks.
    if (!owned && tree.items.some(it => firstToken(it) < first && first < lastToken(it))) return true
    for (let token = first; token <= last; token++) if (tokenText(tree, token).startsWith('/*')) return true
    if (first === 0) return false
    const before = tokenName(tokens.kind(first - 1))
    return tokens.line(first) === tokens.line(first - 1)
      ? !quiet.has(before)
      : before === 'ASSIGN' || before === 'COMMA' || before === 'LBRACK'
  })
}

export const fmtUnsafe: Rule = {
  id: 'fmt-unsafe',
  severity: 'warning',
  doc: 'A file that a formatter would damage, or not finish in one run.',
  why: 'The formatter of the field moves comments. Some vanish, some land where they swallow a value, and some move further with every run.',
  bad: 'path "secret/data/app" { # the team asked for it\n  comment = <<EOT\nread by the app\nEOT\n  capabilities = ["read"]\n}\n',
  good: '# the team asked for it\npath "secret/data/app" {\n  comment = <<EOT\nread by the app\nEOT\n  capabilities = ["read"]\n}\n',
  check: eachPolicy(function* ({ file, tree, now }) {
    if (tree?.dialect !== 'hcl' || tree.comments.length === 0 || !hasOddComments(tree)) return
    const once = formatPolicy(file, { now })
    if (once.value === undefined) {
      for (const { at, summary, detail } of once.findings)
        if (at !== undefined) yield problemIn(at, summary, detail === undefined ? {} : { hint: detail })
      return
    }
    const twice = formatPolicy({ name: file.name, text: once.value }, { now })
    if (twice.value !== once.value)
      yield ofFile(file.name, 'a second run of a formatter changes the file again', {
        hint: 'put comments on lines of their own, # before each',
      })
  }),
}
