import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'

type Node = Readonly<Record<string, unknown>>
interface Document {
  readonly components: { readonly schemas: Readonly<Record<string, Node>> }
}

/**
 * Kubernetes' own published schemas (test/vectors/kubernetes says from where), read strictly: a field that they do not name is an
 * error, as it is for an API server that is asked with fieldValidation=Strict.
 */
const document = strict(
  JSON.parse(readFileSync(new URL('../../vectors/kubernetes/openapi-1.37.json', import.meta.url), 'utf8')),
) as Document

function strict(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strict)
  if (typeof value !== 'object' || value === null) return value
  const out = Object.fromEntries(Object.entries(value).map(([key, it]) => [key, strict(it)]))
  return 'properties' in out && !('additionalProperties' in out) ? { ...out, additionalProperties: false } : out
}

const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true })
ajv.addSchema(document, 'kubernetes')

const validator = (name: string): ValidateFunction => ajv.compile({ $ref: `kubernetes#/components/schemas/${name}` })

type Kind = 'TokenReview' | 'Namespace' | 'Status'
const schemas: Readonly<Record<Kind, ValidateFunction>> = {
  TokenReview: validator('io.k8s.api.authentication.v1.TokenReview'),
  Namespace: validator('io.k8s.api.core.v1.Namespace'),
  Status: validator('io.k8s.apimachinery.pkg.apis.meta.v1.Status'),
}

/** What of it is not as published, or undefined. A null field is an absent one, as for the API server's own decoder. */
export function flaw(kind: Kind, value: unknown): string | undefined {
  const validate = schemas[kind]
  return validate(withoutNulls(value)) ? undefined : ajv.errorsText(validate.errors ?? [])
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).flatMap(([key, it]) => (it === null ? [] : [[key, withoutNulls(it)]])))
}
