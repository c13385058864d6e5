import { attribute } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'

/** https://openbao.org/api-docs/secret/kubernetes/, as OpenBao answers it. */
const config: Singleton = {
  is: 'singleton',
  begins: 'write',
  doc: 'Which Kubernetes is asked for tokens.',
  path: 'config',
  shape: {
    kubernetes_host: attribute.text('Where its API server listens.'),
    kubernetes_ca_cert: attribute.pem('The certificate of the CA to trust there.'),
    service_account_jwt: attribute.secret('The token with which it is asked; absent: that of the pod.'),
    disable_local_ca_jwt: attribute.flag('Whether the CA and the token of the pod that the server runs in stay unused.'),
  },
}

const roles: Collection = {
  is: 'collection',
  doc: 'Roles for which service account tokens are made.',
  path: 'roles',
  noun: 'role',
  shape: {
    allowed_kubernetes_namespaces: attribute.set('In which namespaces; * for any.'),
    allowed_kubernetes_namespace_selector: attribute.text('In which namespaces, by a label selector in JSON or YAML.'),
    service_account_name: attribute.text('A service account that is there already.'),
    kubernetes_role_name: attribute.text('A role that is there already, to be bound.'),
    kubernetes_role_type: attribute.choice('Of what kind it is.', ['Role', 'ClusterRole']),
    generated_role_rules: attribute.text('The rules of a role to be made, in JSON or YAML.'),
    name_template: attribute.text('How names are made.'),
    extra_annotations: attribute.pairs('Annotations of what is made.'),
    extra_labels: attribute.pairs('Labels of what is made.'),
    token_default_audiences: attribute.set('Audiences of tokens unless asked otherwise.'),
    token_default_ttl: attribute.span('How long tokens live.'),
    token_max_ttl: attribute.span('How long at most.'),
  },
  foldsNames: false,
}

export const kubernetesEngine: MountType = {
  type: 'kubernetes',
  table: 'engine',
  doc: 'Service account tokens, made on demand.',
  sections: { config, roles },
}
