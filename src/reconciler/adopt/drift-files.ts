import type { Json } from '../../kernel/index.ts'
import { classOf, isMountAddress, textOf, type Home, type MountTable, type RepositoryFile, type Step } from '../model/index.ts'
import { isDefault, mountShapes, mountTypeOf, TUNE, type Section, type Shape } from '../shapes/index.ts'
import { isCollection, isMap, parseDocument, type Node } from '../../yaml/index.ts'
import { fileValue } from './file-values.ts'
import { isShort, textOf as documentText } from './yaml-text.ts'

export interface DriftFiles {
  /** Files to write, by their path; `undefined` for one to remove. */
  readonly files: ReadonlyMap<string, string | undefined>
  /** What could not be taken over, and why. */
  readonly left: readonly { readonly step: Step; readonly why: string }[]
}

/** What changes in the files make them say what stands on the target, for steps that would take it back. */
export function driftFiles(steps: readonly Step[], files: readonly RepositoryFile[]): DriftFiles {
  const texts = new Map(files.map(it => [it.path, it.text]))
  const changed = new Map<string, string | undefined>()
  const left: { step: Step; why: string }[] = []
  for (const step of steps) {
    const path = step.from?.file
    const text = path === undefined ? undefined : changed.has(path) ? changed.get(path) : texts.get(path)
    if (path === undefined || text === undefined) {
      left.push({ step, why: 'no file describes it' })
      continue
    }
    const edited = edit(step, path, text)
    if (typeof edited === 'object') left.push({ step, why: edited.why })
    else changed.set(path, edited)
  }
  return { files: changed, left }
}

type Edited = string | undefined | { readonly why: string }

function edit(step: Step, path: string, text: string): Edited {
  if (step.kind === 'policy') return step.before === undefined ? undefined : textOf(step.before['policy'])
  if (!path.endsWith('.yaml')) return { why: `${path} is HCL, which cannot be edited here` }
  if (step.kind === 'mount' && step.before === undefined) return { why: 'a mount was removed: take its file out by hand, if that is meant' }
  const place = placeOf(step, path)
  if (place === undefined) return { why: 'the tables do not know it' }
  const document = parseDocument(text)
  const inside = keysIn(document.contents, place.keys)
  if (step.before === undefined) {
    if (inside.length === 0) return undefined
    document.deleteIn(inside)
    return documentText(document)
  }
  const hidden = step.changed.filter(name => step.hidden.includes(name))
  if (hidden.length > 0) return { why: `${hidden.join(', ')} comes by reference: what it names has to change` }
  for (const name of step.changed) {
    const it = place.shape[name]
    for (const alias of it?.aliases ?? []) if (document.hasIn([...inside, alias])) document.deleteIn([...inside, alias])
    const at = [...inside, ...(name.startsWith(TUNE) ? ['tune', name.slice(TUNE.length)] : [name])]
    const value = step.before[name]
    if (value === undefined || isDefault(value, it)) {
      if (document.hasIn(at)) document.deleteIn(at)
    } else document.setIn(at, inlined(document.createNode(fileValue(value, it)), value))
  }
  if (document.contents === null || (isMap(document.contents) && document.contents.items.length === 0)) return '{}\n'
  return documentText(document)
}

/** A list or map that is put into a file of somebody else's stands on one line, if it fits. */
function inlined(node: Node, value: Json): Node {
  if (isCollection(node) && isShort(value)) node.flow = true
  return node
}

interface Place {
  /** Where in the file, from the outside in; a name in whatever case the file has it. */
  readonly keys: readonly string[]
  readonly shape: Shape
}

function placeOf(step: Step, path: string): Place | undefined {
  if (step.kind === 'api') return { keys: [], shape: {} }
  if (isMountAddress(step.address)) return { keys: [], shape: mountShapes[classOf(step.address) as MountTable] }
  const found = sectionOf(step)
  if (found === undefined || step.mount === undefined) return undefined
  const [key, section] = found
  const name = step.address.slice(step.address.lastIndexOf('/') + 1)
  const stem = path.replace(/^targets\/[^/]+\//, '').replace(/\.yaml$/, '')
  const isHome = classOf(step.mount) === 'sys' || classOf(step.mount) === 'identity'
  const isMember =
    section.is === 'collection' && stem.toLowerCase().endsWith(`/${name.toLowerCase()}`) && stem.slice(0, -name.length - 1).endsWith(key)
  if (isMember) return { keys: [], shape: section.shape }
  const keys = [...(isHome ? [] : [key]), ...(section.is === 'collection' ? [name] : [])]
  return { keys, shape: section.shape }
}

function sectionOf({ address, mount, type }: Step): readonly [string, Section] | undefined {
  if (mount === undefined || type === undefined) return undefined
  const inside = address.slice(mount.length)
  return Object.entries(mountTypeOf(classOf(mount) as Home, type)?.sections ?? {}).find(([, it]) =>
    it.is === 'singleton' ? inside === it.path : inside.startsWith(`${it.path}/`),
  )
}

function keysIn(root: unknown, keys: readonly string[]): readonly string[] {
  let at = root
  return keys.map(key => {
    const items = isMap(at) ? at.items : []
    const pair = items.find(it => String(it.key) === key) ?? items.find(it => String(it.key).toLowerCase() === key.toLowerCase())
    at = pair?.value
    return pair === undefined ? key : String(pair.key)
  })
}
