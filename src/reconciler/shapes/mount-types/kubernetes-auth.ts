import { attribute, trimmed, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType, Singleton } from '../mount-type.ts'
import type { Values } from '../../model/index.ts'
import { isNothing, tokenAttributes, tokenContradictions } from '../token-attributes.ts'

/** https://openbao.org/api-docs/auth/kubernetes/, as OpenBao answers it. */
const config: Shape = {
  kubernetes_host: attribute.text('Where the API server of Kubernetes listens.'),
  kubernetes_ca_cert: attribute.pem('The certificate of the CA to trust there.'),
  token_reviewer_jwt: attribute.secret('The token with which logins are reviewed; absent: that of the pod, or of whoever logs in.', {
    setBy: ['token_reviewer_jwt_set'],
  }),
  pem_keys: attribute.list('Public keys that verify service account tokens without asking Kubernetes.', { each: trimmed }),
  disable_local_ca_jwt: attribute.flag('Whether the CA and the token of the pod that the server runs in stay unused.'),
  disable_iss_validation: attribute.flag('Whether the issuer of tokens is not checked.', { fallback: true }),
  issuer: attribute.text('The issuer that tokens have to name.'),
}

const role: Shape = {
  bound_service_account_names: attribute.set('Which service accounts may log in; * for any.'),
  bound_service_account_namespaces: attribute.set('From which namespaces; * for any.'),
  bound_service_account_namespace_selector: attribute.text('From which namespaces, by a label selector in JSON.'),
  audience: attribute.text('The audience that tokens have to name.'),
  alias_name_source: attribute.choice('What names the identity of a login.', ['serviceaccount_uid', 'serviceaccount_name']),
  ...tokenAttributes(['bound_cidrs', 'max_ttl', 'num_uses', 'period', 'policies', 'ttl']),
}

function contradictions(values: Values): readonly Contradiction[] {
  const found: Contradiction[] = [...tokenContradictions(values)]
  if (isNothing(values['bound_service_account_names']))
    found.push({ attribute: 'bound_service_account_names', why: 'a role needs bound_service_account_names' })
  const isAnywhere = isNothing(values['bound_service_account_namespaces']) && isNothing(values['bound_service_account_namespace_selector'])
  if (isAnywhere) {
    const why = 'a role needs bound_service_account_namespaces or bound_service_account_namespace_selector'
    found.push({ attribute: 'bound_service_account_namespaces', why })
  }
  return found
}

const settings: Singleton = {
  is: 'singleton',
  begins: 'kept',
  doc: 'Which Kubernetes is asked about tokens.',
  path: 'config',
  shape: config,
  contradictions: values => [
    ...(isNothing(values['kubernetes_host']) ? [{ attribute: 'kubernetes_host', why: 'a config needs kubernetes_host' }] : []),
    ...(values['disable_local_ca_jwt'] === true && isNothing(values['kubernetes_ca_cert'])
      ? [{ attribute: 'kubernetes_ca_cert', why: 'kubernetes_ca_cert is needed where disable_local_ca_jwt is true' }]
      : []),
  ],
}

const roles: Collection = {
  is: 'collection',
  doc: 'Roles that service accounts log in to.',
  path: 'role',
  noun: 'role',
  shape: role,
  foldsNames: true,
  contradictions,
}

export const kubernetesAuth: MountType = {
  type: 'kubernetes',
  table: 'auth',
  doc: 'Pods log in with the token of their service account.',
  sections: { config: settings, roles },
}
