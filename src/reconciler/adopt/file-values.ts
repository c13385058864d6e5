import { goDuration, type Json } from '../../kernel/index.ts'
import { isDefault, type Attribute, type Shape } from '../shapes/index.ts'
import { referenceKeys, type Address, type Values } from '../model/index.ts'

/** As people write it: `1h`, not 3600 and not `1h0m0s`. */
function spanText(seconds: number): Json {
  if (seconds === 0) return 0
  return goDuration(seconds)
    .replace(/(?<=[hm])0s$/, '')
    .replace(/(?<=h)0m$/, '')
}

export function fileValue(value: Json, attribute: Attribute | undefined): Json {
  return attribute?.field.kind === 'duration' && typeof value === 'number' ? spanText(value) : value
}

/** What a file has to say of an object: what is not at its default, with secrets as references that somebody has to fill. */
export function fileValues(values: Values, shape: Shape, secrets: readonly string[], address: Address): Record<string, Json> {
  const said = Object.entries(shape).flatMap(([name, it]): [string, Json][] => {
    if (secrets.includes(name)) return [[name, referenceTo(address, name)]]
    const value = values[name]
    if (value === undefined || it.unread !== undefined || isDefault(value, it)) return []
    return [[name, fileValue(value, it)]]
  })
  return Object.fromEntries(said)
}

/** `auth/userpass/users/ann` and `password`: `{ $env: USERPASS_USERS_ANN_PASSWORD }`. */
function referenceTo(address: Address, name: string): Json {
  const [key = '$env'] = Object.keys(referenceKeys)
  const place = address.slice(address.indexOf('/') + 1)
  return {
    [key]: `${place}/${name}`
      .toUpperCase()
      .replace(/[^A-Z0-9]+/g, '_')
      .replace(/^(\d)/, '_$1'),
  }
}
