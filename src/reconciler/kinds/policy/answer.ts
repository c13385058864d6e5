import { nativeNumber, type Json } from '../../../kernel/index.ts'
import { textOf, type LiveObject, type Values } from '../../model/index.ts'

/** Settings beside the text that a write without them would take back. */
const CARRIED = ['cas_required', 'allow_slashes_in_identity_templates', 'allow_wildcards_in_identity_templates']

/** A policy as the API answers it. The older endpoint calls its text `rules`. */
export function livePolicy(data: Readonly<Record<string, Json>>): LiveObject {
  const version = nativeNumber(data['version'])
  const carried: Values = Object.fromEntries(CARRIED.flatMap(name => (data[name] === true ? [[name, true] as const] : [])))
  return {
    values: { policy: textOf(data['policy'] ?? data['rules']) },
    ...(typeof version === 'number' ? { version } : {}),
    ...(Object.keys(carried).length > 0 ? { carried } : {}),
  }
}
