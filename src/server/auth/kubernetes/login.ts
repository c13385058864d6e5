import { globFitsAny } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, grantBy, isFrom, op, route, statefulFamily, type Family, type HandlersOf } from '../../framework/index.ts'
import { faults, type Grant } from '../../logical/index.ts'
import { ApiUnreachable } from './api.ts'
import { readToken } from './claims.ts'
import type { Connection, Mount } from './mount.ts'
import type { Role } from './role.ts'
import { selects, wrongLabel } from './selector.ts'
import { serviceAccountOf, type ServiceAccount } from './service-account.ts'
import { namespaceLabels, NotVouched, review } from './token-review.ts'

const input = {
  role: f.string('Name of the role.'),
  jwt: f.string('The token of a service account, as a pod finds it.', { secret: true }),
}

const routes = {
  login: route('login', {
    doc: 'Logs in with the token of a service account, which the Kubernetes API must vouch for.',
    access: 'public',
    ops: { write: op({ doc: 'Log in.', input, gives: gives.auth, refusesBadFields: true }) },
  }),
}

const forbidden = (why: string): ReturnType<typeof faults.forbidden> => faults.forbidden({ why })

const NO_NAMESPACE = 'namespace not authorized'

/**
 * Whether the role binds the account, as far as that can be told without the cluster; throws the peer's words when it does not.
 * @returns whether the labels of its namespace are to decide
 */
function checkBounds(role: Role, account: ServiceAccount, { reviewerToken }: Connection): boolean {
  if (!globFitsAny(role.names, account.name)) throw forbidden('service account name not authorized')
  if (globFitsAny(role.namespaces ?? [], account.namespace)) return false
  if (role.selector === '') throw forbidden(NO_NAMESPACE)
  if (reviewerToken === '') {
    throw forbidden(`${NO_NAMESPACE} err=namespace lookup failed: TokenReviewer JWT needs to be configured to use namespace selectors`)
  }
  const wrong = wrongLabel(role.labels)
  if (wrong !== undefined) throw forbidden(`${NO_NAMESPACE} err=${wrong}`)
  return true
}

/** Only for an account that is vouched for: a stranger would learn which namespaces there are, and how they are labelled. */
async function checkLabels(role: Role, account: ServiceAccount, { api, reviewerToken }: Connection, signal: AbortSignal): Promise<void> {
  let labels: ReadonlyMap<string, string>
  try {
    labels = await namespaceLabels(api, account.namespace, reviewerToken, signal)
  } catch (cause) {
    if (!(cause instanceof NotVouched || cause instanceof ApiUnreachable)) throw cause
    throw faults.forbidden({ why: `${NO_NAMESPACE} err=${cause.message}` }, { cause })
  }
  if (!selects(role.labels, labels)) throw forbidden(NO_NAMESPACE)
}

/** What the token claims must be what the API server says of it. */
async function checkWithCluster(
  mount: Mount,
  role: Role,
  account: ServiceAccount,
  token: string,
  { api, reviewerToken }: Connection,
  signal: AbortSignal,
): Promise<void> {
  const { log } = mount.host
  const audiences = role.audience === '' ? account.audiences : [role.audience]
  try {
    const known = await review(api, token, audiences, reviewerToken === '' ? token : reviewerToken, signal)
    const isSame = known.name === account.name && known.uid === account.uid && known.namespace === account.namespace && known.uid !== ''
    if (!isSame) throw new NotVouched('the API server knows the token as that of another service account')
  } catch (cause) {
    // The caller is told no more than "permission denied"; the operator has to know which it was.
    if (cause instanceof ApiUnreachable) log.write('warn', 'the Kubernetes API could not be asked about a token', { why: cause.message })
    else if (cause instanceof NotVouched) log.write('debug', 'a service account token is not vouched for', { why: cause.message })
    else throw cause
    throw faults.tokenRefused({ cause })
  }
}

function grantOf(role: Role, roleName: string, account: ServiceAccount, from: string): Grant {
  const { namespace, name, uid, secretName } = account
  const metadata = {
    service_account_name: name,
    service_account_namespace: namespace,
    service_account_secret_name: secretName,
    service_account_uid: uid,
  }
  return {
    ...grantBy(role, from),
    displayName: `${namespace}-${name}`,
    metadata: { role: roleName, ...metadata },
    alias: { name: role.aliasNameSource === 'serviceaccount_name' ? `${namespace}/${name}` : uid, metadata },
    internal: { role: roleName },
  }
}

export const loginRoutes: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  login: {
    async write({ input: { role: roleName = '', jwt = '' }, view, caller, now, signal }) {
      if (roleName === '') throw faults.refused({ why: 'missing role' })
      const role = await mount.role(view, roleName)
      if (role === undefined) throw faults.refused({ why: `invalid role name "${roleName}"` })
      if (jwt === '') throw faults.refused({ why: 'missing jwt' })
      const blocks = role.tokenBoundCidrs ?? []
      if (blocks.length > 0 && !isFrom(caller.remoteAddress, blocks)) throw faults.tokenRefused()
      const connection = await mount.connect(view)
      const { config, keys } = connection
      // With validation on but no issuer, the peer accepts any.
      const issuer = config.disableIssuerValidation || config.issuer === '' ? undefined : config.issuer
      const audience = role.audience === '' ? undefined : role.audience
      const account = serviceAccountOf(await readToken(jwt, { issuer, audience, keys }, now))
      const isByLabels = checkBounds(role, account, connection)
      await checkWithCluster(mount, role, account, jwt, connection, signal)
      if (isByLabels) await checkLabels(role, account, connection, signal)
      return { is: 'auth', grant: grantOf(role, roleName, account, caller.remoteAddress) }
    },
  },
}))
