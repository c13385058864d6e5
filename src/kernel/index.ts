/**
 * The leaf below everything: words that both the reconciler and the server speak. Knows no other layer, and of Node only
 * util, buffer and path. Must never know a file, a socket, HTTP, HCL or a policy.
 */
export { type SourceFile, type SourcePosition, type SourceRange, type Diagnostic, type Severity, type Checked } from './diagnostic.ts'
export { type Brand } from './brand.ts'
export { compareUtf8 } from './byte-order.ts'
export { type Clock, systemClock, ManualClock } from './clock.ts'
export { type Random } from './random.ts'
export { type Log, type LogLevel, silentLog } from './log.ts'
export { invariant } from './invariant.ts'
export { parseSeconds, parseDuration, seconds, goDuration, type Seconds } from './seconds.ts'
export { type Cidr, cidrContains, formatCidr, parseAddress, parseCidr } from './cidr.ts'
export { globFits, globFitsAny } from './glob.ts'
export { goKindOf, goPrinted } from './go-printed.ts'
export { goQuote, isPrintable } from './go-quote.ts'
export { rfc3339Nano, zeroTime } from './rfc3339.ts'
export { SecretBytes } from './secret-bytes.ts'
export { table, tableBy } from './table.ts'
export { type Json, type JsonObject, parseJson, stringifyJson, nativeNumber } from './json.ts'
export { lowerCase } from './lower-case.ts'
export { nearest } from './nearest.ts'
export { parseTextTemplate, runTextTemplate, TemplateFailure, type TemplatePorts, type Template } from './text-template/index.ts'
