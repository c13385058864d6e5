/** `127.0.0.1:8200`, `[::1]:8200`, `:8200`, `localhost`: as the field's listeners write it. Undefined for what is no such thing. */
export function parseAddress(text: string): { readonly host: string; readonly port: number } | undefined {
  const match = /^(?:\[(?<v6>[^\]]*)\]|(?<host>[^:[\]]*))(?::(?<port>\d{1,5}))?$/.exec(text.trim())
  if (match?.groups === undefined) return undefined
  const { v6, host, port } = match.groups
  const name = v6 ?? host ?? ''
  const number = port === undefined ? 8200 : Number(port)
  if (number > 65_535 || (name === '' && port === undefined) || /\s/.test(name)) return undefined
  // Nothing before the colon is every address of the machine, both families.
  return { host: name === '' ? '::' : name, port: number }
}
