import { attribute, lowerCase, type Shape } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'
import { tokenAttributes } from '../token-attributes.ts'

const tlsVersions = ['tls12', 'tls10', 'tls11', 'tls13']

/**
 * https://developer.hashicorp.com/vault/api-docs/auth/ldap, for servers that have the method; neither OpenBao nor our own does. What such a
 * server makes up by itself is left alone where no file gives it.
 */
const config: Shape = {
  url: attribute.text('Where the directory is; several with commas, which are tried in turn.', { fallback: 'ldap://127.0.0.1' }),
  case_sensitive_names: attribute.flag('Whether names of users and groups are told apart by case.', { fallback: null }),
  connection_timeout: attribute.span('How long to wait for a connection before the next server is tried.', { fallback: null }),
  request_timeout: attribute.span('How long to wait for an answer.', { fallback: null }),
  max_page_size: attribute.count('How many entries a page of an answer has at most; 0 for no pages.', { fallback: null }),
  starttls: attribute.flag('Whether the connection becomes a TLS one.'),
  tls_min_version: attribute.choice('The lowest version of TLS.', tlsVersions),
  tls_max_version: attribute.choice('The highest version of TLS.', tlsVersions),
  insecure_tls: attribute.flag('Whether the certificate of the directory is not checked.'),
  certificate: attribute.pem('The certificate of the CA to trust.'),
  client_tls_cert: attribute.secret('The certificate to show, which the API does not answer.'),
  client_tls_key: attribute.secret('Its key.'),
  binddn: attribute.text('As whom users and groups are searched for.'),
  bindpass: attribute.secret('The password that belongs to it.', { setBy: ['binddn'] }),
  userdn: attribute.text('Below which entry users are.'),
  userattr: attribute.text('Which attribute names them.', { fallback: 'cn', tidy: value => lowerCase(value as string) }),
  userfilter: attribute.text('How one is searched for, as a template.', { fallback: null }),
  discoverdn: attribute.flag('Whether the entry of a user is searched for anonymously.'),
  deny_null_bind: attribute.flag('Whether an empty password is refused at once.', { fallback: true }),
  upndomain: attribute.text('The domain behind the @ of names in Active Directory.'),
  anonymous_group_search: attribute.flag('Whether groups are searched for anonymously.', { fallback: null }),
  groupfilter: attribute.text('How the groups of a user are searched for, as a template.', { fallback: null }),
  groupdn: attribute.text('Below which entry groups are.'),
  groupattr: attribute.text('Which attribute of what was found names the group.', { fallback: 'cn' }),
  use_token_groups: attribute.flag('Whether groups are taken from tokenGroups of Active Directory.'),
  username_as_alias: attribute.flag('Whether the alias of an entity is the name that was given, not what the directory says.', {
    fallback: null,
  }),
  dereference_aliases: attribute.choice('When aliases of the directory are followed.', ['never', 'finding', 'searching', 'always'], {
    fallback: null,
  }),
  ...tokenAttributes([]),
}

const settings: Singleton = {
  is: 'singleton',
  begins: 'kept',
  doc: 'Which directory is asked, and how.',
  path: 'config',
  shape: config,
}

/** What a directory may call people and groups; a path segment has to be one here. */
const NAMES = /^[^\s\p{Cc}/\\%?#*+"'`]+(?: [^\s\p{Cc}/\\%?#*+"'`]+)*$/u

const policies = attribute.set('The policies that come with it.', { each: lowerCase, policies: true })

const groups: Collection = {
  is: 'collection',
  doc: 'Groups of the directory, with policies. Their names are folded to lower case, as the server does unless told.',
  path: 'groups',
  noun: 'group',
  names: NAMES,
  foldsNames: true,
  shape: { policies },
}

const users: Collection = {
  is: 'collection',
  doc: 'Users of the directory, with policies and groups beyond those that it knows. Their names are folded to lower case.',
  path: 'users',
  noun: 'user',
  names: NAMES,
  foldsNames: true,
  shape: { policies, groups: attribute.set('Groups that they are in besides.', { names: { on: 'mount', at: ['groups'] } }) },
}

export const ldap: MountType = {
  type: 'ldap',
  table: 'auth',
  doc: 'People log in by a directory (LDAP, Active Directory).',
  sections: { config: settings, groups, users },
}
