/** What is asked for when a CA's certificate, or the request for one, is made. */
import { f, type FieldsOf } from '../../../schema/index.ts'
import type { Seconds } from '../../../kernel/index.ts'
import { newRole, type Role } from './role.ts'

/** Names, times and form. */
export interface CaFieldWishes {
  readonly commonName?: string
  readonly altNames?: string
  readonly ipSans?: readonly string[]
  readonly uriSans?: readonly string[]
  readonly otherSans?: readonly string[]
  readonly serialNumber?: string
  readonly excludeCnFromSans?: boolean
  readonly ou?: readonly string[]
  readonly organization?: readonly string[]
  readonly country?: readonly string[]
  readonly locality?: readonly string[]
  readonly province?: readonly string[]
  readonly streetAddress?: readonly string[]
  readonly postalCode?: readonly string[]
  readonly ttl?: Seconds
  readonly notBefore?: string
  readonly notAfter?: string
  readonly notBeforeDuration?: Seconds
  readonly format?: string
  readonly privateKeyFormat?: string
}
export const caFields: FieldsOf<CaFieldWishes> = {
  common_name: f.string('Common name of the subject.'),
  alt_names: f.string('Host names and e-mail addresses that it is for too, with commas between them.'),
  ip_sans: f.strings('IP addresses that it is for too.'),
  uri_sans: f.strings('URIs that it is for too.'),
  other_sans: f.strings('Other names that it is for, as `<oid>;UTF8:<text>`.'),
  serial_number: f.string("The subject's own serial number (RFC 4519, section 2.31), not the certificate's."),
  exclude_cn_from_sans: f.bool('Whether the common name is left out of the alternative names.'),
  ou: f.strings('Organizational units of the subject.'),
  organization: f.strings('Organizations of the subject.'),
  country: f.strings('Countries of the subject.'),
  locality: f.strings('Localities of the subject.'),
  province: f.strings('Provinces of the subject.'),
  street_address: f.strings('Street addresses of the subject.'),
  postal_code: f.strings('Postal codes of the subject.'),
  ttl: f.duration('How long it is valid; within what the mount allows.'),
  not_before: f.string('When it begins to be valid (RFC 3339).'),
  not_after: f.string('When it ends (RFC 3339), in place of ttl.'),
  not_before_duration: f.duration('How long before now it begins to be valid; 30 seconds.'),
  format: f.string('`pem`, `der` for base 64 of DER, or `pem_bundle` for key and certificate in one text.'),
  private_key_format: f.string('`pkcs8` for a key in PKCS #8; otherwise in the form of its type.'),
}

/** Of a new key, or which of those that are here. */
export interface KeyWishes {
  readonly keyType?: string
  readonly keyBits?: number
  readonly keyName?: string
  readonly keyRef?: string
  readonly signatureBits?: number
  readonly externalKeyRef?: string
}
export const keyFields: FieldsOf<KeyWishes> = {
  key_type: f.string('Type of the key: `rsa`, `ec`, `ed25519` or `mldsa`.'),
  key_bits: f.int('Bits of the key; 0: 2048 for rsa, 256 for ec, 44 for mldsa.'),
  key_name: f.string('Name of the key.'),
  key_ref: f.string('Which key, for `existing`: `default`, an identifier or a name.'),
  signature_bits: f.int('Bits of the hash that is signed: 256, 384 or 512; 0: by the key.'),
  external_key_ref: f.string('A key outside, which is not supported.'),
}

/** What it may do. */
export interface IssuerWishes {
  readonly maxPathLength?: number
  readonly permittedDnsDomains?: readonly string[]
  readonly issuerName?: string
  readonly usePss?: boolean
  readonly keyUsage?: readonly string[]
  readonly extKeyUsage?: readonly string[]
  readonly extKeyUsageOids?: readonly string[]
}
export const issuerFields: FieldsOf<IssuerWishes> = {
  max_path_length: f.int('How many CA certificates may stand between it and a leaf; -1: any number.'),
  permitted_dns_domains: f.strings('Domains that it may issue for.'),
  issuer_name: f.string('Name of the issuer.'),
  use_pss: f.bool('Whether an RSA key signs with PSS.'),
  key_usage: f.strings('Key usages beyond those of a CA: `DigitalSignature`.'),
  ext_key_usage: f.strings('Extended key usages.'),
  ext_key_usage_oids: f.strings('Extended key usages by their object identifiers.'),
}

/** Whoever may make a CA may give it any name. */
export function caRole(wishes: CaFieldWishes): Role {
  return {
    ...newRole,
    ttl: wishes.ttl ?? newRole.ttl,
    // As the peer has it: not_before is ignored here.
    notBeforeBound: '',
    allowAnyName: true,
    enforceHostnames: false,
    requireCn: false,
    allowedUriSans: ['*'],
    allowedOtherSans: ['*'],
    allowedSerialNumbers: ['*'],
    allowedUserIds: ['*'],
    cnValidations: ['disabled'],
    serverFlag: false,
    clientFlag: false,
    ou: wishes.ou ?? [],
    organization: wishes.organization ?? [],
    country: wishes.country ?? [],
    locality: wishes.locality ?? [],
    province: wishes.province ?? [],
    streetAddress: wishes.streetAddress ?? [],
    postalCode: wishes.postalCode ?? [],
    notBeforeDuration: wishes.notBeforeDuration ?? newRole.notBeforeDuration,
  }
}

export const NO_URLS =
  "This mount hasn't configured any authority information access (AIA) fields; this may make it harder for systems to find missing certificates in the chain or to validate revocation status of certificates. Consider updating /config/urls or the newly generated issuer with this information."
export const NO_SUBJECT =
  'This issuer certificate was generated without a Subject; this makes it likely that issuing leaf certs with this certificate will cause TLS validation libraries to reject this certificate.'
