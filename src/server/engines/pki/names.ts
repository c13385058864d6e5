/** Which names a certificate gets, and whether the role allows them: from the request, and from a request for signing (CSR). */
import { cidrContains, globFits, parseAddress, parseCidr } from '../../../kernel/index.ts'
import { faults } from '../../logical/index.ts'
import {
  addressBytes,
  type AlternativeNames,
  type CertificateRequest,
  OID,
  type OtherName,
  type Subject,
  valueOf,
  valuesOf,
} from '../../x509/index.ts'
import { isHostname, isWildLabel, splitWildcard, toAscii } from './hostnames.ts'
import { otherSansRefusal, parseOtherSans } from './other-sans.ts'
import type { Role } from './role.ts'

/** What a request says about names. */
export interface NameWishes {
  readonly commonName?: string
  readonly altNames?: string
  readonly ipSans?: readonly string[]
  readonly uriSans?: readonly string[]
  readonly otherSans?: readonly string[]
  readonly serialNumber?: string
  readonly excludeCnFromSans?: boolean
  readonly userIds?: readonly string[]
}

/** A name of a role with its identity templates replaced; undefined when they cannot be, and nothing is allowed by it then. */
export type Templating = (text: string) => string | undefined

export interface Names {
  readonly subject: Subject
  readonly names: AlternativeNames
}

const user = (why: string): Error => faults.refused({ why })

/**
 * @param csr whose names are used where the role says so
 * @throws a fault for what the role does not allow
 */
export function namesFor(role: Role, wishes: NameWishes, csr: CertificateRequest | undefined, templating: Templating): Names {
  const takesNames = csr !== undefined && role.useCsrSans
  const commonName = (csr && role.useCsrCommonName && valueOf(csr.subject, OID.commonName)) || (wishes.commonName ?? '')
  if (commonName === '' && role.requireCn)
    throw user(
      'the common_name field is required, or must be provided in a CSR with "use_csr_common_name" set to true, unless "require_cn" is set to false',
    )
  const serialNumber = wishes.serialNumber || (csr === undefined ? '' : valueOf(csr.subject, OID.serialNumber))
  const dns: string[] = takesNames ? [...csr.names.dns] : []
  const email: string[] = takesNames ? [...csr.names.email] : []
  const add = (name: string): void => {
    if (name.includes('@')) return void email.push(name)
    const ascii = toAscii(name)
    if (typeof ascii !== 'string') throw user(ascii.why)
    if (isHostname(ascii)) dns.push(ascii)
  }
  if (commonName !== '' && wishes.excludeCnFromSans !== true) add(commonName)
  if (!takesNames)
    for (const name of new Set(
      (wishes.altNames ?? '')
        .trim()
        .split(',')
        .filter(it => it.trim() !== ''),
    ))
      add(name)

  if (commonName !== '' && !isAllowedCommonName(role, commonName, templating))
    throw user(`common name ${commonName} not allowed by this role`)
  if (serialNumber !== '' && !role.allowedSerialNumbers.some(it => it !== '' && globFits(it, serialNumber)))
    throw user(`serial_number ${serialNumber} not allowed by this role`)
  const badDns = dns.find(it => !isAllowedName(role, it, templating))
  if (badDns !== undefined) throw user(`subject alternate name ${badDns} not allowed by this role`)
  const badEmail = email.find(it => !isAllowedName(role, it, templating))
  if (badEmail !== undefined) throw user(`email address ${badEmail} not allowed by this role`)

  const other = otherNames(role, wishes, takesNames ? csr.names.other : [])
  const ip = addresses(role, wishes, takesNames ? csr : undefined)
  const uri = uris(role, wishes, takesNames ? csr : undefined, templating)
  return {
    subject: {
      commonName,
      serialNumber,
      country: distinct(role.country),
      organization: distinct(role.organization),
      organizationalUnit: distinct(role.ou),
      locality: distinct(role.locality),
      province: distinct(role.province),
      streetAddress: distinct(role.streetAddress),
      postalCode: distinct(role.postalCode),
      extra: userIds(role, wishes, csr).map(value => ({ type: OID.userId, value })),
    },
    names: { dns: distinct(dns), email: [...new Set(email.map(it => it.trim()).filter(it => it !== ''))].sort(), ip, uri, other },
  }
}

/** Each once, in their order, without blanks around them. */
export function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts.map(it => it.trim()).filter(it => it !== ''))]
}

function isAllowedCommonName(role: Role, name: string, templating: Templating): boolean {
  if (role.cnValidations.length === 1 && role.cnValidations[0] === 'disabled') return true
  if (!isAllowedName(role, name, templating)) return false
  return role.cnValidations.length === 0 || role.cnValidations.includes(name.includes('@') ? 'email' : 'hostname')
}

function isAllowedName(role: Role, name: string, templating: Templating): boolean {
  let host = name
  const isEmail = name.includes('@')
  if (isEmail) {
    const parts = name.split('@')
    if (parts.length !== 2) return false
    host = parts[1] as string
  }
  const emailDomain = host
  const isWildcard = host.includes('*')
  let wildLabel = ''
  if (isWildcard) {
    if (!role.allowWildcardCertificates || isEmail) return false
    const split = splitWildcard(host)
    if (split === undefined) return false
    wildLabel = split.label
    host = split.rest
  }
  if (role.enforceHostnames) {
    if (host !== '') {
      const ascii = toAscii(host)
      if (typeof ascii !== 'string' || !isHostname(ascii)) return false
    }
    if (isWildcard && !isWildLabel(wildLabel)) return false
  }
  if (role.allowAnyName) return true
  if (role.allowLocalhost && isLocal(role, host)) return true
  return role.allowedDomains.some(allowed => {
    if (allowed === '') return false
    const domain = role.allowedDomainsTemplate ? templating(allowed) : allowed
    if (domain === undefined) return false
    const same = (a: string): boolean => a.toLowerCase() === domain.toLowerCase()
    if (role.allowBareDomains && (same(name) || (isEmail && same(emailDomain)))) return true
    if (role.allowSubdomains && (host.endsWith(`.${domain}`) || (isWildcard && same(host)))) return true
    return role.allowGlobDomains && domain.includes('*') && globFits(domain, name)
  })
}

/** `*.localhost` stands for `localhost`, as far as this rule goes. */
const isLocal = (role: Role, host: string): boolean =>
  ['localhost', 'localdomain'].some(it => host === it || (role.allowSubdomains && host.endsWith(`.${it}`)))

function otherNames(role: Role, wishes: NameWishes, requested: readonly OtherName[]): readonly OtherName[] {
  const given = parseOtherSans(wishes.otherSans ?? [])
  if ('why' in given) throw user(`could not parse requested other SAN: ${given.why}`)
  const all = [...given, ...requested]
  const refusal = all.length === 0 ? undefined : otherSansRefusal(role.allowedOtherSans, all)
  if (refusal !== undefined) throw user(refusal)
  return all
}

/** GHSA-g892-p242-8g86: the networks of a role hold for addresses of both sources. */
function addresses(role: Role, wishes: NameWishes, csr: CertificateRequest | undefined): readonly string[] {
  const found = csr === undefined ? (wishes.ipSans ?? []).map(address) : csr.names.ip
  if (found.length === 0) return found
  if (!role.allowIpSans)
    throw user(`IP Subject Alternative Names are not allowed in this role, but was provided via ${csr === undefined ? 'the API' : 'CSR'}`)
  const networks = role.allowedIpSansCidr.map(it => parseCidr(it))
  if (networks.length === 0) return found
  for (const text of found) {
    const ip = parseAddress(text)
    if (ip === undefined || !networks.some(it => it !== undefined && cidrContains(it, ip)))
      throw user(`the IP address ${JSON.stringify(text)} is not allowed in this role`)
  }
  return found
}

function address(text: string): string {
  try {
    addressBytes(text)
  } catch {
    throw user(`the value ${JSON.stringify(text)} is not a valid IP address`)
  }
  return text
}

function uris(role: Role, wishes: NameWishes, csr: CertificateRequest | undefined, templating: Templating): readonly string[] {
  const found = csr === undefined ? (wishes.uriSans ?? []) : csr.names.uri
  if (found.length === 0) return found
  const source = csr === undefined ? 'the API' : 'CSR'
  if (role.allowedUriSans.length === 0)
    throw user(`URI Subject Alternative Names are not allowed in this role, but were provided via ${source}`)
  const patterns = role.allowedUriSans.flatMap(it => {
    const text = role.allowedUriSansTemplate ? templating(it) : it
    return text === undefined ? [] : [text]
  })
  for (const uri of found) {
    if (!patterns.some(it => globFits(it, uri)))
      throw user(`URI Subject Alternative Names were provided via ${source} which are not valid for this role`)
    if (csr === undefined && !isUri(uri)) throw user(`the provided URI Subject Alternative Name ${JSON.stringify(uri)} is not a valid URI`)
  }
  return found
}

/** As lenient as Go's url.Parse: no control characters, a scheme that begins with a letter, escapes of two digits. */
// eslint-disable-next-line no-control-regex -- they are what is refused
const isUri = (text: string): boolean => !/[\u0000-\u0020\u007f]|%(?![\da-fA-F]{2})|^:/.test(text)

function userIds(role: Role, wishes: NameWishes, csr: CertificateRequest | undefined): readonly string[] {
  if (wishes.userIds === undefined) return []
  const ids = wishes.userIds.length === 0 && csr !== undefined ? valuesOf(csr.subject, OID.userId) : wishes.userIds
  for (const id of ids) {
    const isAllowed = role.allowedUserIds.some(
      it => it !== '' && (it.toLowerCase() === id.toLowerCase() || (it.includes('*') && globFits(it, id))),
    )
    if (!isAllowed) throw user(`user_id ${id} is not allowed by this role`)
  }
  return ids
}
