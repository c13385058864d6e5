import { attribute, type Shape } from '../attribute.ts'
import type { Collection, MountType } from '../mount-type.ts'
import { isNothing } from '../token-attributes.ts'

/** https://openbao.org/api-docs/secret/totp/, as OpenBao answers it. */
const key: Shape = {
  key: attribute.secret('The shared key, where another service made it.', { fixed: true }),
  url: attribute.secret('The URL of such a key, which says everything else too.', { fixed: true }),
  generate: attribute.flag('Whether the key is made here.', { fixed: true, unread: 'said' }),
  exported: attribute.flag('Whether what makes it told it.', { fixed: true, unread: 'said', fallback: true }),
  key_size: attribute.count('How many bytes it has.', { fixed: true, unread: 'said', fallback: 20 }),
  qr_size: attribute.count('How large the code to scan is.', { fixed: true, unread: 'said', fallback: 200 }),
  skew: attribute.count('How many periods a code may be off: 0 or 1.', { fixed: true, unread: 'said', fallback: 1 }),
  issuer: attribute.text('Who made the key.', { fixed: true }),
  account_name: attribute.text('For whom.', { fixed: true }),
  algorithm: attribute.choice('How codes are made.', ['SHA1', 'SHA256', 'SHA512'], { fixed: true }),
  digits: attribute.count('How long they are: 6 or 8.', { fixed: true, fallback: 6 }),
  period: attribute.span('How long they are good for.', { fixed: true, fallback: 30 }),
}

const keys: Collection = {
  is: 'collection',
  doc: 'Keys that make and check codes.',
  path: 'keys',
  noun: 'key',
  shape: key,
  foldsNames: false,
  losesOnDelete: 'the shared key, so that whoever has its code set up needs a new one',
  contradictions: values =>
    values['generate'] === true && isNothing(values['issuer'])
      ? [{ attribute: 'issuer', why: 'a key that is made here needs issuer and account_name' }]
      : [],
}

export const totp: MountType = { type: 'totp', table: 'engine', doc: 'Codes that change with time.', sections: { keys } }
