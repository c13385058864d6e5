import { loadWorkspace, parseHcl2 } from '../../../src/reconciler/load/index.ts'
import { placeText } from '../../../src/reconciler/model/index.ts'
import { lint, rules, type Example, type LintFinding, type LintOptions } from '../../../src/reconciler/rules/index.ts'
import { NOW, repositoryFiles, type Files } from '../harness/repository.ts'

const isPolicy = (path: string): boolean => path.endsWith('.hcl')

/** What the linter finds in files; mounts and roles are known where there are any. */
export function lintFiles(example: Example, options: LintOptions = {}): readonly LintFinding[] {
  const files: Files = typeof example === 'string' ? { 'example.hcl': example } : example
  const paths = Object.keys(files)
  const others = Object.fromEntries(Object.entries(files).filter(([path]) => !isPolicy(path)))
  const loaded = loadWorkspace(repositoryFiles(others), { now: NOW })
  if (loaded.isBroken) throw new Error(loaded.findings.map(it => it.summary).join('; '))
  const policies = paths.filter(isPolicy).map(path => ({
    file: { name: path, text: files[path] ?? '' },
    name: path.replace(/^policies\//, '').replace(/\.hcl$/, ''),
  }))
  const known = Object.keys(others).length === 0 ? {} : { resources: [...loaded.resources.values()] }
  const texts = Object.entries(others).map(([name, text]) => ({ name, text }))
  return lint({ policies, ...known, files: texts, now: NOW, readHcl2: parseHcl2 }, Object.values(rules), {
    settings: loaded.settings.lint,
    ...options,
  })
}

/** `example.hcl:1:6 warning empty-rule`. */
export const lines = (example: Example, options?: LintOptions): readonly string[] =>
  lintFiles(example, options).map(it => `${placeText(it.at)} ${it.severity} ${it.code}`)
