/** The life of a request, as a list that reads from top to bottom. Nothing else decides what happens to one. */
import { hash } from 'node:crypto'
import type { Clock, Random } from '../../kernel/index.ts'
import type { Denied } from '../../policy/index.ts'
import type { WireObject } from '../../schema/index.ts'
import {
  faults,
  isFault,
  type CoreReply,
  type CoreRequest,
  type Fault,
  type MfaEnforcement,
  type MountEntry,
  type OpName,
  type Outcome,
} from '../logical/index.ts'
import type { AuditLog } from '../audit/index.ts'
import { requestEntry, responseEntry, type EntryFacts } from './audit-entry.ts'
import { addressIn } from './cidr.ts'
import { base62 } from './identifier.ts'
import type { Leases } from './leases.ts'
import { checkPolicies, holderOf, logIn, waitingBlock, type Login } from './login.ts'
import { credentialsIn, type SecondFactors } from './mfa/index.ts'
import { ledTo, refuseOutsideRoot, refuseWithoutSeal, type Realm, type Realms } from './namespaces/index.ts'
import type { Resolved } from './mounts.ts'
import type { Passage, Step } from './passage.ts'
import { READ_MANY, readMany, type Asked } from './read-many.ts'
import { envelopeOf, isEmptyList, wrapBlock } from './reply.ts'
import type { Tokens } from './tokens.ts'
import type { UserLockout } from './user-lockout.ts'
import { Wrapping } from './wrapping.ts'

export interface PipelineParts {
  readonly clock: Clock
  readonly random: Random
  readonly realms: Realms
  readonly tokens: Tokens
  readonly leases: Leases
  readonly wrapping: Wrapping
  readonly audit: AuditLog
  readonly lockout: UserLockout
  /** Of the API. */
  readonly version: string
}

export interface Pipeline {
  handle(request: CoreRequest): Promise<CoreReply>
  /** The two audit entries around work for which there is no mount and no token. */
  outside<T>(request: CoreRequest, work: () => Promise<T>): Promise<T>
  /** The audit entry of a request that was refused before anything was looked at. */
  atGate(request: CoreRequest, fault: Fault): Promise<void>
}

export function createPipeline(parts: PipelineParts): Pipeline {
  const records = recordsOf(parts)
  const steps = stepsOf(parts, records, request => pipeline.handle(request))
  const pipeline: Pipeline = {
    async handle(request) {
      const passage = passageOf(request, parts.realms.root, parts.clock.now())
      try {
        for (const step of steps) {
          const done = step(passage)
          if (done !== undefined) await done
          if (passage.reply !== undefined) {
            await records.reply(passage)
            return passage.reply
          }
        }
      } catch (cause) {
        await records.refusal(passage, cause)
        throw cause
      } finally {
        // The last use of a token ends it, whatever became of the request.
        if (passage.token && passage.lastUse) await parts.tokens.revokeTree(passage.token.id)
        if (passage.entered) passage.realm.leave()
      }
      throw faults.internal({ cause: new Error('the pipeline ended without a reply') })
    },

    async atGate(request, fault) {
      await records.atGate(passageOf(request, parts.realms.root, parts.clock.now()), fault)
    },

    async outside(request, work) {
      const passage = passageOf(request, parts.realms.root, parts.clock.now())
      passage.accepted = true
      try {
        const asked = records.request(passage)
        if (asked !== undefined) await asked
        const done = await work()
        await records.reply(passage)
        return done
      } catch (cause) {
        await records.refusal(passage, cause)
        throw cause
      }
    },
  }
  return pipeline
}

/** A request of which nothing is known yet. */
const passageOf = (request: CoreRequest, root: Realm, now: Date): Passage => ({
  request,
  now,
  realm: root,
  entered: false,
  path: request.path,
  resolved: undefined,
  facts: undefined,
  token: undefined,
  owner: root.namespace,
  usesBefore: 0,
  holder: undefined,
  acl: undefined,
  caller: { remoteAddress: request.remoteAddress, sudo: false },
  wants: 'update',
  allowed: undefined,
  decision: undefined,
  wroteTo: false,
  dispatched: false,
  accepted: false,
  recorded: false,
  unrecorded: false,
  outcome: undefined,
  reply: undefined,
})

const OLD_UNWRAP =
  "Reading from 'cubbyhole/response' is deprecated. Please use sys/wrapping/unwrap to unwrap responses, as it provides additional security checks and other benefits."
const WRAPPING_PATHS = new Set(['sys/wrapping/lookup', 'sys/wrapping/rewrap', 'sys/wrapping/unwrap'])

/** The audit entries of a request: one before anything is done for it, one before its answer leaves. */
interface Records {
  readonly request: Step
  reply(passage: Passage): Promise<void>
  /** Of a request that is refused, be it before its own entry. */
  refusal(passage: Passage, cause: unknown): Promise<void>
  atGate(passage: Passage, cause: unknown): Promise<void>
}

function recordsOf({ audit, tokens, clock, version }: PipelineParts): Records {
  const facts: EntryFacts = { version, headersOf: valuesOf => audit.headers.of(valuesOf) }
  const request: Step = passage => {
    if (!audit.listening) return undefined
    return audit.record(requestEntry(passage, facts)).then(
      () => void (passage.recorded = true),
      (cause: unknown) => {
        passage.unrecorded = true
        throw passage.path === 'sys/seal' ? faults.failed({ why: 'failed to audit request, cannot continue' }, { cause }) : cause
      },
    )
  }
  const reply = async (passage: Passage): Promise<void> => {
    if (!audit.listening) return
    const { outcome } = passage
    const given = outcome?.is === 'token' ? outcome.auth['client_token'] : undefined
    const issued = typeof given === 'string' ? await tokens.lookup(given) : undefined
    await audit.record(responseEntry(passage, facts, clock.now(), issued))
  }
  const refusal = async (passage: Passage, cause: unknown): Promise<void> => {
    if (!audit.listening || !passage.accepted || passage.unrecorded) return
    if (!passage.recorded) await audit.record(requestEntry(passage, facts, cause))
    await audit.record(responseEntry(passage, facts, clock.now(), undefined, cause))
  }
  const atGate = async (passage: Passage, cause: unknown): Promise<void> => {
    if (audit.listening) await audit.record(requestEntry(passage, facts, cause))
  }
  return { request, reply, refusal, atGate }
}

function stepsOf(
  { random, realms, tokens, leases, wrapping, lockout }: PipelineParts,
  records: Records,
  handle: Pipeline['handle'],
): readonly Step[] {
  const normalise: Step = passage => {
    const { op } = passage.request
    // Rules for a listing are written for the folder: `p` and `p/` are one.
    if ((op === 'list' || op === 'scan') && !passage.path.endsWith('/')) passage.path += '/'
    if ((op === 'write' || op === 'patch') && passage.path.endsWith('/'))
      throw faults.refused({ why: "cannot write to a path ending in '/'" })
  }

  const namespace: Step = passage => {
    const { request } = passage
    if (request.namespace === '' && realms.onlyRoot) return
    const { realm, rest } = realms.find(request.namespace, passage.path)
    if (realm === realms.root) return
    passage.path = rest
    enter(passage, realm)
    const locked = realm.namespace.lockedAt
    if (locked !== undefined && !isUnlocking(passage)) throw faults.namespaceLocked({ path: locked.path })
    refuseOutsideRoot(rest)
  }

  /** Counted there, so that nothing ends under its hands. */
  const enter = (passage: Passage, realm: Realm): void => {
    if (passage.entered) passage.realm.leave()
    passage.realm = realm
    passage.entered = realm !== realms.root
    if (passage.entered) realm.enter()
  }

  /** To the namespace of what the request is about. */
  const lead: Step = passage => {
    if (realms.onlyRoot) return undefined
    return ledTo(passage, tokens, leases)?.then(found => {
      if (found === undefined || found.namespace === passage.realm.namespace.suffix) return
      const realm = realms.get(found.namespace)
      if (realm !== undefined && !realm.namespace.tainted) enter(passage, realm)
    })
  }

  const resolveMount: Step = passage => {
    const { request } = passage
    passage.accepted = true
    passage.resolved = passage.realm.mounts.route(passage.path)
    const { resolved } = passage
    if (!resolved || request.op === 'help') return
    const { backend } = resolved.mount
    // What is open to all is open as a path: a listing of it that does not exist is refused there, not for want of a token.
    passage.facts = backend.match(resolved.rest, request.op) ?? backend.match(resolved.rest.replace(/\/$/, ''), 'read')
  }

  /** Before anything else is asked of the token: these endpoints are about it, and say so when it is no good. */
  const checkWrappingToken: Step = passage => {
    if (!WRAPPING_PATHS.has(passage.path)) return undefined
    const { data, token: own } = passage.request
    if (data['token'] === '') throw faults.refusedWrapping()
    const token = typeof data['token'] === 'string' ? data['token'] : own
    if (token === undefined || token === '') throw faults.tokenEmpty()
    return wrapping.look(token).then(() => undefined)
  }

  const identifyToken: Step = async passage => {
    const { request, facts } = passage
    const open = facts?.access === 'public'
    if (request.token === undefined || request.token === '') {
      if (open) return
      throw faults.tokenRefused()
    }
    const entry = await tokens.lookup(request.token)
    const usable = entry && (entry.boundCidrs.length === 0 || addressIn(request.remoteAddress, entry.boundCidrs))
    if (!usable) {
      if (!open) throw faults.tokenRefused()
      passage.caller = { ...passage.caller, badToken: true }
      return
    }
    try {
      const holder = realms.holderOf(entry)
      passage.holder = holder instanceof Promise ? await holder : holder
    } catch (cause) {
      if (!open || !isFault(cause)) throw cause
      passage.caller = { ...passage.caller, badToken: true }
      return
    }
    passage.token = entry
    if (entry.namespace !== undefined) passage.owner = realms.get(entry.namespace)?.namespace ?? passage.owner
    passage.usesBefore = entry.numUses
    passage.caller = { ...passage.caller, token: entry }
    if (open || entry.numUses === 0) return
    const used = await tokens.use(entry)
    if (used === undefined) throw faults.tokenRefused()
    passage.token = used
    passage.lastUse = used.numUses < 0
    passage.caller = { ...passage.caller, token: used }
  }

  /** Create and update are two capabilities: the backend knows which of them a write would be. */
  const existence: Step = async passage => {
    const { request, resolved, facts } = passage
    if (request.op !== 'write' || !resolved || !facts || facts.access === 'public') return
    passage.wroteTo = true
    const exists = await resolved.mount.backend.exists(backendRequest(passage, 'write'))
    passage.wants = exists === false ? 'create' : 'update'
  }

  const authorise: Step = async passage => {
    const { request, facts, token } = passage
    if (facts?.access === 'public') return
    if (token === undefined) throw faults.tokenRefused()
    const acl = (passage.acl = await realms.aclFor(token, passage.holder))
    const decision = acl.decide({
      path: passage.realm.namespace.path + passage.path,
      op: request.op === 'write' ? passage.wants : request.op,
      data: request.data,
      wrapTtl: request.wrap?.ttl,
      sudoPath: facts?.access === 'sudo',
    })
    passage.decision = decision
    if (!decision.allowed) throw denial(decision)
    // The policy store takes no rule with one; if one stands there all the same, it must not be read as less than it says.
    if (decision.controlGroup !== undefined) throw faults.permissionDenied()
    passage.allowed = decision
    passage.caller = { ...passage.caller, sudo: decision.sudo }
  }

  const help: Step = passage => {
    const { request, resolved } = passage
    if (request.op !== 'help') return
    const text = resolved?.mount.backend.help(resolved.rest)
    if (text === undefined) throw faults.unsupportedPath()
    passage.reply = { is: 'bare', status: 200, body: text }
  }

  /** What a wrapping token holds shows in its cubbyhole too, for clients older than sys/wrapping/unwrap. */
  const oldUnwrap: Step = async passage => {
    const { path, request, token } = passage
    if (path !== 'cubbyhole/response' || request.op !== 'read' || token === undefined || !Wrapping.isWrapping(token)) return
    const response = await wrapping.peek(token)
    if (response === undefined) return
    passage.outcome = { is: 'data', data: { response }, warnings: [OLD_UNWRAP] }
    passage.reply = replyOf(passage)
  }

  const dispatch: Step = async passage => {
    const { request, resolved, allowed } = passage
    if (resolved === undefined) throw faults.noRoute({ path: passage.path })
    if (passage.entered && passage.facts !== undefined) refuseWithoutSeal(passage.path)
    const noted = noteVisit(passage, resolved)
    if (noted !== undefined) await noted
    passage.dispatched = true
    const limited = allowed?.limit === undefined ? request.data : { ...request.data, limit: allowed.limit }
    const { backend, entry } = resolved.mount
    const open = passage.facts?.access === 'public'
    const alias = open ? backend.loginAlias?.(resolved.rest, request.data) : undefined
    if (alias !== undefined && !lockout.idle) lockout.check(entry, alias)
    const work = backend.handle({ ...backendRequest(passage, request.op as OpName), data: limited })
    passage.outcome = await (open ? work.catch(cause => refusedLogin(entry, alias, cause)) : work)
    if (alias !== undefined && !lockout.idle && passage.outcome.is === 'auth') await lockout.succeeded(entry, alias)
    filterList(passage)
    if (!isEmptyList(passage.outcome)) return
    if (request.op === 'list') throw faults.notFound()
    // A scan of nothing is an answer of nothing.
    if (request.op === 'scan') passage.outcome = { is: 'data', data: {}, warnings: passage.outcome.warnings }
  }

  /** What a token puts into the cubbyhole of a namespace below its own has to be found when it ends. */
  const noteVisit = ({ request, realm, token, entered }: Passage, { mount }: Resolved): Promise<void> | undefined => {
    if (!entered || token?.type !== 'service' || request.op !== 'write' || mount.entry.path !== 'cubbyhole/') return undefined
    return token.namespace === realm.namespace.suffix ? undefined : tokens.visit(token.id, realm.namespace.id)
  }

  const refusedLogin = async (entry: MountEntry, alias: string | undefined, cause: unknown): Promise<never> => {
    if (alias !== undefined && isFault(cause) && cause.code === 'credentialsRefused') await lockout.failed(entry, alias)
    return inPlainWords(cause)
  }

  /** A rule may show only those names of a listing whose secrets the token may read. */
  const filterList = (passage: Passage): void => {
    const { allowed, acl, outcome, path } = passage
    const template = allowed?.listFilterTemplate
    if (template === undefined || acl === undefined || outcome?.is !== 'data' || !Array.isArray(outcome.data?.['keys'])) return
    const ports = {
      now: passage.now,
      randomText: (length: number): string => base62(random, length),
      uuid: (): string => random.uuid(),
      sha256: (text: string): string => hash('sha256', text, 'hex'),
      asksForSudo: (asked: string): boolean => {
        const there = passage.realm.mounts.route(asked)
        return there?.mount.backend.match(there.rest, 'read')?.access === 'sudo'
      },
    }
    let keys: readonly string[]
    try {
      keys = acl.visibleKeys(
        { template, path, namespace: passage.realm.namespace.path, keys: outcome.data['keys'] as readonly string[] },
        ports,
      )
    } catch (cause) {
      throw faults.internal({ cause })
    }
    const info = outcome.data['key_info'] as WireObject | undefined
    const seen = new Set(keys)
    passage.outcome = {
      ...outcome,
      data: { ...outcome.data, keys, ...(info && { key_info: Object.fromEntries(Object.entries(info).filter(([key]) => seen.has(key))) }) },
    }
  }

  /** Other requests of the same token, whose answers are the answer. */
  const readOthers: Step = async passage => {
    const { outcome, path, realm } = passage
    if (path !== READ_MANY || outcome?.is !== 'data' || outcome.data === null) return
    const request = { ...passage.request, namespace: realm.namespace.path }
    passage.outcome = { ...outcome, data: await readMany(request, outcome.data as unknown as Asked, handle, random) }
  }

  const registerLease: Step = async passage => {
    const { outcome, resolved, token } = passage
    if (outcome?.is !== 'lease' || resolved === undefined) return
    const { backend, entry } = resolved.mount
    try {
      if (token === undefined) throw faults.internal({ cause: new Error('a leased secret on a public route') })
      const { mounts, namespace: of } = passage.realm
      const lease = await leases.register(passage.path, token, entry, outcome.secret, mounts.leaseDefaults(entry), of.suffix)
      passage.lease = { id: lease.id, ttl: lease.ttl, renewable: outcome.secret.renewable }
      passage.outcome = { ...outcome, warnings: [...lease.warnings, ...outcome.warnings] }
    } catch (cause) {
      // A secret without a lease would never end: undo it before the caller hears of the failure.
      const context = { now: passage.now, signal: passage.request.signal }
      await backend.revokeSecret(outcome.secret.kind, outcome.secret.internal, context).catch(() => undefined)
      throw cause
    }
  }

  const issueToken: Step = async passage => {
    const { outcome, resolved } = passage
    if (outcome?.is !== 'auth' || resolved === undefined) return
    const { entry } = resolved.mount
    if (entry.table !== 'auth') throw faults.internal({ cause: new Error('only auth methods may grant tokens') })
    const { mounts, identity, namespace: of } = passage.realm
    const login: Login = {
      grant: outcome.grant,
      path: passage.path,
      mount: entry,
      namespace: of,
      defaults: mounts.leaseDefaults(entry),
      now: passage.now,
    }
    checkPolicies(login)
    const shown = credentialsIn(passage.request.valuesOf?.('x-vault-mfa') ?? [])
    const { holder, isNew } = await holderOf(identity, login)
    passage.entityCreated = isNew
    const factors = passage.realm.factors
    const enforcements = await factors.applying(entry, holder)
    if (enforcements.length > 0) {
      // What an enforcement asks for is kept for an entity.
      if (holder === undefined) throw faults.tokenRefused()
      if (shown.size === 0) {
        const auth = waitingBlock(factors.wait(login, holder.id), await constraintsOf(factors, enforcements))
        passage.outcome = { is: 'token', auth, warnings: [WAITS, ...outcome.warnings] }
        return
      }
      for (const enforcement of enforcements)
        if ((await factors.unsatisfied(enforcement, holder.id, shown)) !== undefined) throw faults.tokenRefused()
    }
    const unused = enforcements.length === 0 && shown.size > 0 && holder !== undefined ? [UNUSED] : []
    const made = await logIn(tokens, holder, login)
    passage.outcome = {
      is: 'token',
      auth: made.auth,
      wrappedAccessor: made.accessor,
      warnings: [...unused, ...made.warnings, ...outcome.warnings],
    }
  }

  /** A caller that asks about its own token is shown it as it came; backends never see it. */
  const echoToken: Step = passage => {
    const { outcome, request, path } = passage
    if (request.token === undefined || !passage.token) return
    if (outcome?.is === 'data' && outcome.data && (path === 'auth/token/lookup-self' || path === 'auth/token/lookup')) {
      const asked =
        path === 'auth/token/lookup' && typeof request.data['token'] === 'string' && request.data['token'] !== ''
          ? request.data['token']
          : request.token
      passage.outcome = { ...outcome, data: { ...outcome.data, id: asked } }
    }
    if (outcome?.is === 'token' && path === 'auth/token/renew-self')
      passage.outcome = { ...outcome, auth: { ...outcome.auth, client_token: request.token } }
  }

  const wrapReply: Step = async passage => {
    const { outcome, request } = passage
    if (outcome === undefined || request.wrap === undefined || request.wrap.ttl <= 0) return
    if (outcome.is === 'nothing' || outcome.is === 'raw' || outcome.is === 'wrapped') return
    if (outcome.is === 'data' && outcome.status !== undefined && outcome.status >= 400) return
    const { suffix } = passage.realm.namespace
    const facts = await wrapping.wrap(envelopeOf(passage), passage.path, request.wrap.ttl, suffix, accessorIn(outcome))
    passage.outcome = { is: 'wrapped', wrap: facts, warnings: [] }
  }

  const answer: Step = passage => {
    const { outcome } = passage
    if (outcome === undefined) return
    passage.reply = replyOf(passage)
  }

  return [
    normalise,
    namespace,
    lead,
    resolveMount,
    checkWrappingToken,
    identifyToken,
    existence,
    authorise,
    records.request,
    help,
    oldUnwrap,
    dispatch,
    readOthers,
    registerLease,
    issueToken,
    echoToken,
    wrapReply,
    answer,
  ]
}

const WAITS =
  'A login request was issued that is subject to MFA validation. Please make sure to validate the login by sending another request to mfa/validate endpoint.'
const UNUSED = 'Found MFA header but failed to find MFA Enforcement Config'

async function constraintsOf(factors: SecondFactors, enforcements: readonly MfaEnforcement[]): Promise<WireObject> {
  const constraints: Record<string, unknown> = {}
  for (const { name, methodIds } of enforcements) {
    const methods = await Promise.all(methodIds.map(id => factors.method(id)))
    constraints[name] = {
      any: methods.flatMap(it =>
        it === undefined ? [] : [{ type: 'totp', id: it.id, uses_passcode: true, ...(it.name !== '' && { name: it.name }) }],
      ),
    }
  }
  return constraints
}

/** What a locked namespace still answers. */
const isUnlocking = ({ path, request }: Passage): boolean =>
  request.op === 'write' && (path === 'sys/namespaces/api-lock/unlock' || path === 'sys/namespaces/api-lock/unlock/')

/** The caller learns that it may not, never why; only policies that cannot be used at all are told apart, as the peer does. */
function denial({ failure }: Denied): Error {
  if (failure?.reason === 'forbidden-value') return faults.refused({ why: 'Forbidden' })
  return failure === undefined
    ? faults.permissionDenied()
    : faults.failedAs({ why: 'internal error' }, { cause: new Error(failure.message) })
}

/** On routes that need no token, the peer's refusals are no error lists. */
function inPlainWords(cause: unknown): never {
  if (isFault(cause) && cause.code === 'unsupportedPath') throw faults.missing({ why: 'unsupported path' }, { cause })
  if (isFault(cause) && cause.code === 'unsupportedOperation') throw faults.unsupportedHere({ cause })
  throw cause
}

/** What can be said of a wrapped token or secret id without unwrapping it, so that it can be revoked unseen. */
function accessorIn(outcome: Outcome): string | undefined {
  if (outcome.is === 'token') return outcome.wrappedAccessor
  const accessor = outcome.is === 'data' ? outcome.data?.['secret_id_accessor'] : undefined
  return typeof accessor === 'string' ? accessor : undefined
}

function backendRequest(passage: Passage, op: OpName): Parameters<NonNullable<Passage['resolved']>['mount']['backend']['handle']>[0] {
  const { request, resolved, caller, now } = passage
  return {
    op,
    path: resolved?.rest ?? '',
    mountPath: resolved?.mountPath ?? '',
    data: request.data,
    wrapped: request.wrap !== undefined && request.wrap.ttl > 0,
    caller,
    now,
    ...(request.incoming && { incoming: request.incoming }),
    bytes: request.bytes,
    signal: request.signal,
  }
}

function replyOf(passage: Passage): CoreReply {
  const { outcome, facts } = passage
  switch (outcome?.is) {
    case 'raw': {
      const { status, contentType, body, maxAge } = outcome
      return { is: 'raw', status, contentType, body, ...(maxAge !== undefined && { maxAge }) }
    }
    case 'nothing':
      if (outcome.warnings.length === 0) return { is: 'empty', status: outcome.status ?? 204 }
      return { is: 'envelope', status: outcome.status ?? 200, envelope: envelopeOf(passage) }
    case 'wrapped':
      return { is: 'envelope', status: 200, envelope: wrapBlock(outcome.wrap) }
    case 'data': {
      const reply: CoreReply = { is: 'envelope', status: outcome.status ?? 200, envelope: envelopeOf(passage) }
      // The peer's: not where the path leads into a namespace.
      const isTopLevel = facts?.alsoTopLevel === true && passage.request.path.startsWith('sys/')
      return isTopLevel && outcome.data ? { ...reply, topLevel: outcome.data } : reply
    }
    case 'lease':
    case 'renewed':
    case 'token':
      return { is: 'envelope', status: 200, envelope: envelopeOf(passage) }
    case 'auth':
    case undefined:
      throw faults.internal({ cause: new Error('a grant that no step turned into a token') })
  }
}
