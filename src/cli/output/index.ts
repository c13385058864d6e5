/**
 * How results look: tables, JSON and YAML byte for byte as the field's own tools print them, so that what reads their output
 * reads ours. Knows values and the context's outputs; must not know a command or a request.
 */
export { type Row, columns, tableOf } from './columns.ts'
export { byBytes, goText, humanDuration } from './go-text.ts'
export { type Shape, compactJson, shaped } from './json.ts'
export {
  type DetailedFlags,
  type FieldFlags,
  type Format,
  type FormatFlags,
  type Printer,
  detailedFlags,
  fieldFlags,
  formatFlags,
  printerOf,
  table,
} from './printer.ts'
export { type Secret } from './secret.ts'
export { wrapText } from './wrap-text.ts'
