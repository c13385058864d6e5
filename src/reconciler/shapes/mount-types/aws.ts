import type { Json } from '../../../kernel/index.ts'
import { textOf, type Values } from '../../model/index.ts'
import { attribute, type Shape } from '../attribute.ts'
import type { Collection, Contradiction, MountType, Singleton } from '../mount-type.ts'
import { isNothing } from '../token-attributes.ts'

/**
 * https://developer.hashicorp.com/vault/api-docs/secret/aws, for servers that have the engine; neither OpenBao nor our own does. What such
 * a server makes up by itself is left alone where no file gives it.
 */
const root: Shape = {
  access_key: attribute.text('The access key by which credentials are made.'),
  secret_key: attribute.secret('The secret that belongs to it.', { setBy: ['access_key'] }),
  region: attribute.text("The region of the calls; the server's own unless said."),
  iam_endpoint: attribute.text('Where IAM is, if not where it is by default.'),
  sts_endpoint: attribute.text('Where STS is, if not where it is by default.'),
  max_retries: attribute.amount('How often a call is tried again; -1 for as often as the SDK does.', { fallback: -1 }),
  username_template: attribute.text('How the names of users are made.', { fallback: null }),
}

const rootConfig: Singleton = {
  is: 'singleton',
  begins: 'kept',
  doc: 'As whom the server speaks to AWS.',
  path: 'config/root',
  shape: root,
}

const leaseConfig: Singleton = {
  is: 'singleton',
  begins: 'kept',
  doc: 'How long users of IAM live.',
  path: 'config/lease',
  shape: {
    lease: attribute.writtenSpan('How long, unless renewed.', { fallback: null }),
    lease_max: attribute.writtenSpan('How long at most.', { fallback: null }),
  },
}

/** A policy of IAM is the same however it is laid out. */
function plainJson(value: Json): Json {
  const text = textOf(value)
  try {
    return text === '' ? '' : JSON.stringify(JSON.parse(text))
  } catch {
    return text
  }
}

const role: Shape = {
  credential_type: attribute.choice('What is given.', ['iam_user', 'assumed_role', 'federation_token', 'session_token'], {
    fallback: null,
  }),
  role_arns: attribute.set('The roles of AWS that may be taken on.'),
  policy_arns: attribute.set('The policies of AWS.'),
  policy_document: attribute.text('A policy of AWS, in JSON.', { tidy: plainJson }),
  iam_groups: attribute.set('The groups of IAM that users are put into, or whose policies count.'),
  iam_tags: attribute.pairs('Tags of users.'),
  session_tags: attribute.pairs('Tags of sessions.', { fallback: null }),
  external_id: attribute.text('The external ID by which a role of another account is taken on.', { fallback: null }),
  default_sts_ttl: attribute.span('How long credentials of STS live.'),
  max_sts_ttl: attribute.span('How long they live at most.'),
  user_path: attribute.text('The path of users.', { fallback: null }),
  permissions_boundary_arn: attribute.text('The policy that bounds what users may do.'),
  mfa_serial_number: attribute.text('The device of the second factor.', { fallback: null }),
}

function contradictions(values: Values): readonly Contradiction[] {
  const kind = textOf(values['credential_type'])
  const found: Contradiction[] = kind === '' ? [{ attribute: 'credential_type', why: 'a role needs credential_type' }] : []
  if (kind === 'assumed_role' && isNothing(values['role_arns']))
    found.push({ attribute: 'role_arns', why: 'credentials of type assumed_role need role_arns' })
  if (kind !== '' && kind !== 'assumed_role' && !isNothing(values['role_arns']))
    found.push({ attribute: 'role_arns', why: `credentials of type ${kind} have no role_arns` })
  const document = textOf(values['policy_document'])
  if (document !== '' && !isJsonObject(document)) found.push({ attribute: 'policy_document', why: 'policy_document is no JSON object' })
  return found
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const roles: Collection = {
  is: 'collection',
  doc: 'Roles for which credentials of AWS are made.',
  path: 'roles',
  noun: 'role',
  shape: role,
  foldsNames: false,
  contradictions,
}

const staticRoles: Collection = {
  is: 'collection',
  doc: 'Users of IAM that are there already, whose access keys are rotated.',
  path: 'static-roles',
  noun: 'static role',
  foldsNames: false,
  shape: {
    username: attribute.text('The user.', { fallback: null, fixed: true }),
    rotation_period: attribute.span('How often the key is changed.', { fallback: null }),
  },
  contradictions: values =>
    ['username', 'rotation_period'].filter(it => isNothing(values[it])).map(it => ({ attribute: it, why: `a static role needs ${it}` })),
}

export const aws: MountType = {
  type: 'aws',
  table: 'engine',
  doc: 'Credentials of AWS, made on demand or rotated.',
  sections: { config: rootConfig, lease: leaseConfig, roles, 'static-roles': staticRoles },
}
