/**
 * Messages for the holder of an OpenPGP key (RFC 9580; RFC 4880, RFC 6637): public keys of version 4 are read, and what is said to one
 * of them is encrypted. Nothing is decrypted or signed here. All arithmetic is node:crypto's; packets are read and written here. Knows
 * nothing of shares and tokens. Why no library: docs/adr/0027-openpgp-messages.md.
 */
export { createReadRecipient, type Recipient } from './recipient.ts'
