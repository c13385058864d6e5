import { SealError } from '../index.ts'

/** @throws SealError */
export function readSwitch(options: Readonly<Record<string, string>>, name: string): boolean {
  const text = options[name] ?? 'false'
  if (/^(1|t|true)$/i.test(text)) return true
  if (/^(0|f|false)$/i.test(text)) return false
  throw new SealError(`${name}: expected true or false`)
}
