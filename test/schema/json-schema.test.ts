import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { mountShapes, mountTypes } from '../../src/reconciler/shapes/index.ts'
import { schemaOf } from '../../src/schema/decode.ts'

/** What `validator` leaves out: each schema is one by the meta-schema too. */
describe('the JSON Schema of every attribute', () => {
  const shapes = [
    ...Object.values(mountTypes).flatMap(it => Object.values(it.sections).map(section => section.shape)),
    ...Object.values(mountShapes),
  ]
  const ajv = new Ajv({ strict: true, validateFormats: false })

  it.each(['accepts', 'publishes'] as const)('is one (%s)', side => {
    for (const shape of shapes)
      for (const [name, { field }] of Object.entries(shape)) expect(() => ajv.compile(schemaOf({ [name]: field }, side))).not.toThrow()
  })
})
