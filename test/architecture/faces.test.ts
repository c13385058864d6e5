import { dirname } from 'node:path'
import { describe, expect, it } from 'vitest'
import { layerTable, placeOf } from './layers.ts'
import { read, under } from './repository.ts'

/** A paragraph: at least two clauses' worth of words, before the first line of code. */
const paragraph = /^(#!.*\n)?\/\*\*(?<text>[\s\S]*?)\*\//
const enough = 60

describe("a folder's face", () => {
  const faces = under('src', '/index.ts')

  it('opens by saying what lives there and what it may know', () => {
    const silent = faces.filter(
      path => (paragraph.exec(read(path))?.groups?.['text'] ?? '').replaceAll(/[\s*]+/g, ' ').trim().length < enough,
    )
    expect(silent).toEqual([])
  })

  it('is there for everything in a layer', () => {
    const layers = layerTable()
    const faceless = under('src').filter(path => {
      const unit = placeOf(path, layers)?.unit ?? ''
      return (
        !unit.endsWith('.ts') && unit !== 'cli' && !faces.some(face => face.startsWith(`src/${unit}/`) && path.startsWith(dirname(face)))
      )
    })
    expect(faceless).toEqual([])
  })
})
