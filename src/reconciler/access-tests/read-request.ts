import { nearest, type Diagnostic, type Json, type SourceRange } from '../../kernel/index.ts'
import { accessOps, type AccessOp, type ReasonClass } from '../../policy/index.ts'
import type { AskedRequest } from '../access/index.ts'
import { errorAt, nodeWords, textOf, type MapNode, type SourceNode } from '../model/index.ts'
import { attribute, readAttributes, type Shape } from '../shapes/index.ts'
import type { Expectation } from './test.ts'

const reasons: readonly ReasonClass[] = [
  'no-rule',
  'deny',
  'missing-capability',
  'parameter',
  'wrapping',
  'pagination',
  'expiration',
  'sudo',
  'unusable',
]

const shape: Shape = {
  request: attribute.text('What is asked, as "read secret/data/payments/db"; several operations have commas between them.'),
  parameters: attribute.map('The parameters of the request.'),
  wrap_ttl: attribute.span('For how long the answer is to be wrapped.'),
  by: attribute.text('The policy whose rule must answer; behind a blank, the path of that rule.'),
  because: attribute.choice('Why it must be denied.', reasons),
}

/** What a list of requests says: each a text, or a map with more. Several operations are several expectations. */
export function readRequests(node: SourceNode, key: string, allowed: boolean, findings: Diagnostic[]): readonly Expectation[] {
  const items = node.is === 'list' ? node.items : [node]
  return items.flatMap(item => {
    if (item.is === 'map') return readMap(item, key, allowed, findings)
    if (item.is === 'scalar' && typeof item.value === 'string') return expectations(item.value, item.at, allowed, {}, findings)
    findings.push(errorAt('LOAD0004', item.at, `${key}: expected a request such as "read secret/data/db", found ${nodeWords(item)}`))
    return []
  })
}

function readMap(node: MapNode, key: string, allowed: boolean, findings: Diagnostic[]): readonly Expectation[] {
  const read = readAttributes(node, shape, `a request of ${key}`)
  findings.push(...read.findings)
  if (read.value === undefined) return []
  const { values, at } = read.value
  if (at['request'] === undefined) {
    findings.push(errorAt('LOAD0005', node.at, `a request of ${key} needs request, as in { request: "read secret/data/db" }`))
    return []
  }
  if (allowed && at['because'] !== undefined) {
    findings.push(errorAt('LOAD0010', at['because'], 'because says why something is denied; it has no place below allow'))
    return []
  }
  const [policy = '', ...path] = textOf(values['by']).trim().split(/\s+/)
  const more: More = {
    ...(at['parameters'] === undefined ? {} : { data: values['parameters'] as Readonly<Record<string, Json>> }),
    ...(at['wrap_ttl'] === undefined ? {} : { wrapTtl: Number(values['wrap_ttl']) }),
    ...(policy === '' ? {} : { by: { policy: policy.toLowerCase(), ...(path.length === 0 ? {} : { path: path.join(' ') }) } }),
    ...(at['because'] === undefined ? {} : { because: textOf(values['because']) as ReasonClass }),
  }
  return expectations(textOf(values['request']), at['request'], allowed, more, findings)
}

type More = Pick<AskedRequest, 'data' | 'wrapTtl'> & Pick<Expectation, 'by' | 'because'>

function expectations(
  text: string,
  at: SourceRange,
  allowed: boolean,
  { data, wrapTtl, by, because }: More,
  findings: Diagnostic[],
): readonly Expectation[] {
  const [, said, path] = /^\s*(\S+)\s+(.*\S)\s*$/s.exec(text) ?? []
  if (said === undefined || path === undefined) {
    findings.push(errorAt('LOAD0004', at, 'expected an operation and a path, such as "read secret/data/payments/db"'))
    return []
  }
  return operations(said, at, findings).map(op => ({
    request: { op, path, ...(data === undefined ? {} : { data }), ...(wrapTtl === undefined ? {} : { wrapTtl }) },
    allowed,
    ...(by === undefined ? {} : { by }),
    ...(because === undefined ? {} : { because }),
    at,
  }))
}

/** `read,update`. */
export function operations(said: string, at: SourceRange, findings: Diagnostic[]): readonly AccessOp[] {
  return said.split(',').flatMap(word => {
    const found = accessOps.find(it => it === word)
    if (found !== undefined) return [found]
    const near = word === 'write' ? 'create or update' : nearest(word, accessOps)
    const hint = near === undefined ? '' : `; did you mean ${near}?`
    findings.push(errorAt('LOAD0004', at, `unknown operation "${word}"; expected one of ${accessOps.join(', ')}${hint}`))
    return []
  })
}
