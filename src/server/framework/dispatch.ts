/** Binds an opened engine to its tables and dispatches to it. The contract's rules on input live here and nowhere else. */
import { invariant } from '../../kernel/index.ts'
import { camel, codec, type Codec, type Fields, type WireObject } from '../../schema/index.ts'
import { faults, type Backend, type BackendRequest, type Host, type OpName, type Outcome, type View } from '../logical/index.ts'
import { help, pathsOf } from './describe.ts'
import { bind, type BoundOp, type BoundRoute, type Find, handlerOf } from './bind.ts'
import type { AuthMethod, Bound, SecretsEngine } from './engine.ts'
import type { Call, Op, Reply } from './route.ts'
import type { Match } from './trie.ts'

export interface OpenOptions {
  /** Tests turn it on: a reply with a key that the table does not declare is then a broken invariant, not merely dropped. */
  readonly strictReplies?: boolean
}

export function openBackend(engine: SecretsEngine | AuthMethod, host: Host, options: OpenOptions = {}): Backend {
  const served = engine.table === 'secret' && engine.variant ? engine.variant(host.mount().options) : engine
  const { handlers, secrets, ready, renewGrant, loginRole, loginAlias, tick, invalidate, close } = served.open(host)
  const find = bind(served.routes, handlers)
  const runs: Runs = { handlers, view: host.view, strict: options.strictReplies ?? false }
  const secretKind = (kind: string): NonNullable<(typeof secrets)[string]> => {
    const known = secrets[kind]
    invariant(known, `${engine.type} leases no secrets of kind "${kind}"`)
    return known
  }
  return {
    type: engine.type,
    match: (path, op) => matching(find, path, op)?.route.value.facts,
    handle(request) {
      const wait = ready?.()
      const run = (): Promise<Outcome> => handle(find, runs, request)
      return wait === undefined ? run() : wait.then(run)
    },
    exists(request) {
      const match = matching(find, request.path, request.op)
      const check = match && handlerOf(handlers, match.route.value, 'exists')
      if (match === undefined || check === undefined) return undefined
      // The body is decoded before the question is asked, as the peer does: its refusal then has no prefix.
      const bound = match.route.value.ops.get(request.op)
      if (bound?.input) readInput(bound, match, request, [], false)
      return check({ params: match.params, view: host.view, caller: request.caller } as Call) as Promise<boolean>
    },
    describe: mount => pathsOf(served, mount),
    help(path) {
      const match = matching(find, path, 'read') ?? matching(find, path, 'list')
      return match && help(match.route.value.route, path)
    },
    async renewSecret(kind, internal, increment, context) {
      return (await secretKind(kind).renew?.(undefined, internal, increment, context)) ?? {}
    },
    revokeSecret: (kind, internal, context) => secretKind(kind).revoke(undefined, internal, context),
    ...(renewGrant && { renewGrant }),
    ...(loginRole && { loginRole }),
    ...(loginAlias && { loginAlias }),
    ...(tick && { tick }),
    ...(invalidate && { invalidate }),
    close: close ?? (async () => undefined),
  }
}

/** What one mount has of its own. */
interface Runs {
  readonly handlers: readonly Bound[]
  readonly view: View
  readonly strict: boolean
}

interface Matching {
  readonly route: Match<BoundRoute>
  readonly params: WireObject
}
const refuseParam = (): undefined => undefined

/** A parameter that its field refuses means that the template does not match: the peer's patterns are part of its paths. */
function matching(find: Find, path: string, op: OpName): Matching | undefined {
  const route = find((op === 'list' || op === 'scan') && path !== '' && !path.endsWith('/') ? `${path}/` : path)
  const params = route?.value.codec.decode(route.params, refuseParam)
  return route && params && { route, params }
}

async function handle(find: Find, { handlers, view, strict }: Runs, request: BackendRequest): Promise<Outcome> {
  const match = matching(find, request.path, request.op)
  if (match === undefined) throw faults.unsupportedPath()
  const bound = match.route.value.ops.get(request.op)
  const run = bound && handlerOf(handlers, match.route.value, request.op)
  if (bound === undefined || run === undefined) throw faults.unsupportedOperation()
  const ignored: string[] = []
  const input = readInput(bound, match, request, ignored, true)
  const own: string[] = []
  const call: Call = {
    params: match.params,
    input: input,
    raw: request.data,
    view,
    caller: request.caller,
    wrapped: request.wrapped,
    path: request.path,
    mountPath: request.mountPath,
    now: request.now,
    incoming: request.incoming,
    bytes: request.bytes,
    signal: request.signal,
    warn: text => void own.push(text),
  }
  const reply = (await run(call)) as Reply
  return outcome(request.op, bound.op, reply, ignored, own, strict)
}

function readInput(bound: BoundOp, match: Matching, request: BackendRequest, warnings: string[], validated: boolean): WireObject {
  const { data } = request
  const issues: { field: string; why: string }[] = []
  const captured = match.route.params
  let unknown: string[] | undefined
  const input =
    bound.input === undefined
      ? data
      : bound.input.decode(
          data,
          (why, at = ''): undefined => void issues.push({ field: at, why }),
          key => void (Object.hasOwn(captured, key) || (unknown ??= []).push(key)),
        )
  if (unknown !== undefined) warnings.push(`Endpoint ignored these unrecognized parameters: [${unknown.sort().join(' ')}]`)
  let replaced: string[] | undefined
  for (const [name] of match.route.value.params) {
    if (data[name] !== undefined && data[name] !== null && Object.hasOwn(data, name)) (replaced ??= []).push(name)
  }
  if (replaced !== undefined)
    warnings.push(
      `Endpoint replaced the value of these parameters with the values captured from the endpoint's path: [${replaced.sort().join(' ')}]`,
    )
  if (input === undefined) throw badField(bound, match, issues, validated)
  return input
}

/** Most of the peer's methods look at the fields of a login before it, to know who comes; what is wrong with them is then a failure. */
function badField(bound: BoundOp, match: Matching, issues: readonly { field: string; why: string }[], validated: boolean): Error {
  const fault = faults.badField({ issues, validated })
  const isLogin = match.route.value.facts.access === 'public' && bound.op.gives.some(it => it.is === 'auth')
  return isLogin && !bound.op.refusesBadFields ? faults.failed({ why: fault.wire[0] ?? '' }) : fault
}

const replyCodecs = new WeakMap<Fields, Codec<Fields>>()
function encoded(op: Op, is: 'data' | 'lease', value: WireObject, strict: boolean): WireObject {
  const made = replyCodec(op, is)
  if (strict) {
    const surplus = Object.keys(value).filter(key => value[key] !== undefined && !made.knows(key))
    invariant(surplus.length === 0, `a reply with keys that the table does not declare: ${surplus.join(', ')}`)
  }
  return made.encode(value) // declared fields only: a handler cannot leak what the table does not show
}

function checkedWire(op: Op, value: WireObject, strict: boolean): WireObject {
  if (strict) {
    const made = replyCodec(op, 'data')
    const surplus = Object.keys(value).filter(key => !made.knows(camel(key)))
    invariant(surplus.length === 0, `a reply with keys that the table does not declare: ${surplus.join(', ')}`)
  }
  return value
}

function replyCodec(op: Op, is: 'data' | 'lease'): Codec<Fields> {
  const declared = op.gives.find(it => it.is === is)
  invariant(declared && 'data' in declared, `a reply of a form that the table does not give: ${is}`)
  let made = replyCodecs.get(declared.data)
  if (made === undefined) replyCodecs.set(declared.data, (made = codec(declared.data)))
  return made
}

function outcome(name: OpName, op: Op, reply: Reply, ignored: readonly string[], own: readonly string[], strict: boolean): Outcome {
  const warnings = own.length === 0 ? ignored : [...own, ...ignored]
  switch (reply.is) {
    case 'nothing':
      // What the dispatcher would warn of is lost with an empty reply, as the peer loses it; what the handler says is not.
      return { is: 'nothing', warnings: own.length === 0 ? [] : warnings, ...(reply.status !== undefined && { status: reply.status }) }
    case 'keys':
      // The peer's: an empty listing is "not found", an empty scan an object without keys.
      if (reply.keys.length === 0) {
        if (name === 'list') throw faults.notFound()
        return { is: 'data', data: {}, warnings }
      }
      return { is: 'data', data: reply.info === undefined ? { keys: reply.keys } : { keys: reply.keys, key_info: reply.info }, warnings }
    case 'any':
      return {
        is: 'data',
        data: reply.data,
        warnings,
        ...(reply.status !== undefined && { status: reply.status }),
        ...(reply.leaseDuration !== undefined && { leaseDuration: reply.leaseDuration }),
      }
    case 'wire':
      return {
        is: 'data',
        data: checkedWire(op, reply.data, strict),
        warnings,
        ...(reply.status !== undefined && { status: reply.status }),
      }
    case 'data':
      return {
        is: 'data',
        data: encoded(op, 'data', reply.data, strict),
        warnings,
        ...(reply.status !== undefined && { status: reply.status }),
      }
    case 'lease':
      return { is: 'lease', data: encoded(op, 'lease', reply.data, strict), secret: reply.secret, warnings }
    case 'auth':
      return { is: 'auth', grant: reply.grant, warnings }
    case 'token':
    case 'wrapped':
    case 'renewed':
      return { ...reply, warnings }
    case 'raw': {
      const declared = op.gives.find(it => it.is === 'raw')
      return {
        is: 'raw',
        body: reply.body,
        contentType: reply.contentType ?? declared?.contentType ?? 'application/octet-stream',
        status: reply.status ?? 200,
        warnings,
        ...(reply.maxAge !== undefined && { maxAge: reply.maxAge }),
      }
    }
  }
}
