import { attribute, type Shape } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'
import { isNothing, tokenAttributes, tokenContradictions } from '../token-attributes.ts'

/** https://openbao.org/api-docs/auth/cert/, as OpenBao answers it. */
const certificate: Shape = {
  certificate: attribute.pem('The certificate to trust, or that of a CA, in PEM.', { fallback: null }),
  display_name: attribute.text('The name of its tokens; that of the entry unless said.', { fallback: null }),
  allowed_names: attribute.set('Patterns of which the common name or an alternative one has to fit one.'),
  allowed_common_names: attribute.set('Patterns for the common name.'),
  allowed_dns_sans: attribute.set('Patterns for DNS names.'),
  allowed_email_sans: attribute.set('Patterns for e-mail addresses.'),
  allowed_uri_sans: attribute.set('Patterns for URIs.'),
  allowed_organizational_units: attribute.set('Patterns for organisational units.'),
  required_extensions: attribute.set('Extensions that have to be there, as OID:pattern.'),
  allowed_metadata_extensions: attribute.set('OIDs of extensions that become metadata.'),
  ocsp_enabled: attribute.flag('Whether OCSP is asked.'),
  ocsp_ca_certificates: attribute.pem('Further CA certificates that verify its answers.'),
  ocsp_servers_override: attribute.list('Servers to ask instead of those that the certificate names.'),
  ocsp_fail_open: attribute.flag('Whether no answer is as good as a good one.'),
  ocsp_query_all_servers: attribute.flag('Whether all servers are asked.'),
  ...tokenAttributes(['bound_cidrs', 'max_ttl', 'period', 'policies', 'ttl']),
}

const config: Shape = {
  disable_binding: attribute.flag('Whether a renewal may come with another certificate.'),
  enable_identity_alias_metadata: attribute.flag('Whether aliases keep what the certificate tells.'),
  ocsp_cache_size: attribute.count('How many answers of OCSP are kept.', { fallback: 100, tidy: value => (value === 0 ? 100 : value) }),
}

const settings: Singleton = {
  is: 'singleton',
  begins: 'mount',
  doc: 'What holds for all certificates.',
  path: 'config',
  shape: config,
}

const certs: Collection = {
  is: 'collection',
  doc: 'Certificates, or CAs, with which machines log in.',
  path: 'certs',
  noun: 'certificate',
  shape: certificate,
  foldsNames: true,
  contradictions: values => [
    ...(isNothing(values['certificate']) ? [{ attribute: 'certificate', why: 'an entry needs certificate' }] : []),
    ...tokenContradictions(values),
  ],
}

export const cert: MountType = { type: 'cert', table: 'auth', doc: 'Client certificates.', sections: { config: settings, certs } }
