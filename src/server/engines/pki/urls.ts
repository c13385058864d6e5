/** URLs of a mount or an issuer: checked, and with their templates replaced. */
import type { ClusterConfig, Urls } from './settings.ts'
import { noUrls } from './settings.ts'

const TEMPLATES = ['{{issuer_id}}', '{{cluster_path}}', '{{cluster_aia_path}}'] as const

/** A scheme and a host, and no templates. */
export function isUrl(text: string): boolean {
  return (
    /^[a-zA-Z][a-zA-Z\d+.-]*:\/\/[^/?#\s]+/.test(text) && !/\s|%(?![\da-fA-F]{2})/.test(text) && !TEMPLATES.some(it => text.includes(it))
  )
}
export const badUrl = (texts: readonly string[]): string | undefined => texts.find(it => !isUrl(it))

/** Those of the delta lists alone do not count. */
export const isUnset = ({ issuingCertificates, crlDistributionPoints, ocspServers }: Urls): boolean =>
  issuingCertificates.length === 0 && crlDistributionPoints.length === 0 && ocspServers.length === 0

/** @param issuer '' where there is none yet */
export function resolvedUrls(urls: Urls, { path, aiaPath }: ClusterConfig, issuer: string): Urls | { readonly why: string } {
  if (isUnset(urls)) return noUrls
  if (!urls.templated) return urls
  const lists = ['issuingCertificates', 'crlDistributionPoints', 'deltaCrlDistributionPoints', 'ocspServers'] as const
  const made: Record<string, readonly string[]> = {}
  for (const name of lists) {
    const filled: string[] = []
    for (const uri of urls[name]) {
      if (uri.includes('{{cluster_path}}') && path === '') return lacking('local cluster address information (path)')
      if (uri.includes('{{cluster_aia_path}}') && aiaPath === '') return lacking('local cluster address information (aia_path)')
      if (uri.includes('{{issuer_id}}') && issuer === '') return lacking('an issuer_id for this operation')
      filled.push(uri.replaceAll('{{cluster_path}}', path).replaceAll('{{cluster_aia_path}}', aiaPath).replaceAll('{{issuer_id}}', issuer))
    }
    const bad = badUrl(filled)
    if (bad !== undefined) return { why: `error validating templated ${SHOWN[name]}; invalid URI: ${bad}` }
    made[name] = filled
  }
  return { ...urls, ...made }
}
const lacking = (what: string): { readonly why: string } => ({ why: `unable to template AIA URLs as we lack ${what}` })
const SHOWN = {
  issuingCertificates: 'issuing_certificates',
  crlDistributionPoints: 'crl_distribution_points',
  deltaCrlDistributionPoints: 'delta_crl_distribution_points',
  ocspServers: 'ocsp_servers',
} as const
