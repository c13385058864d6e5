/** YAML, by the package of that name; its only importer, so that both sides read the same language. Knows no other layer. */
export {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  Scalar,
  type YAMLError,
  type YAMLMap,
} from 'yaml'
