/** The API's names of hash functions, and OpenSSL's. */
const HASHES: ReadonlyMap<string, string> = new Map([
  ['sha1', 'sha1'],
  ['sha2-224', 'sha224'],
  ['sha2-256', 'sha256'],
  ['sha2-384', 'sha384'],
  ['sha2-512', 'sha512'],
  ['sha3-224', 'sha3-224'],
  ['sha3-256', 'sha3-256'],
  ['sha3-384', 'sha3-384'],
  ['sha3-512', 'sha3-512'],
])
export const DEFAULT_HASH = 'sha2-256'
export const opensslHash = (name: string): string | undefined => HASHES.get(name)

/** DER of a DigestInfo (RFC 8017, section 9.2) up to the digest itself. */
const DIGEST_INFO: Readonly<Record<string, string>> = {
  sha1: '3021300906052b0e03021a05000414',
  'sha2-224': '302d300d06096086480165030402040500041c',
  'sha2-256': '3031300d060960864801650304020105000420',
  'sha2-384': '3041300d060960864801650304020205000430',
  'sha2-512': '3051300d060960864801650304020305000440',
  'sha3-224': '302d300d06096086480165030402070500041c',
  'sha3-256': '3031300d060960864801650304020805000420',
  'sha3-384': '3041300d060960864801650304020905000430',
  'sha3-512': '3051300d060960864801650304020a05000440',
}
export const digestInfo = (name: string): Buffer => Buffer.from(DIGEST_INFO[name] ?? '', 'hex')
