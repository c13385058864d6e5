import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { printerOf, type Secret } from '../../../src/cli/output/index.ts'
import { parseJson } from '../../../src/kernel/index.ts'
import { stage } from '../context.ts'

/**
 * Replies full of awkward keys and values, each as the peer's own command line printed it in all formats. What it printed as JSON
 * holds all of the reply, and so is the input too.
 */
const folder = fileURLToPath(new URL('../../vectors/cli-output/', import.meta.url))
const names = readdirSync(folder).flatMap(it => (it.endsWith('.json') ? [it.slice(0, -'.json'.length)] : []))
const text = (name: string): string => readFileSync(`${folder}/${name}`, 'utf8')

describe.each(names)('a reply as the peer printed it: %s', name => {
  it.each(['json', 'yaml', 'table'])('looks the same as %s', format => {
    const { ctx, stdout } = stage()
    printerOf(ctx, { format }).secret(parseJson(text(`${name}.json`)) as Secret)
    expect(stdout()).toBe(text(`${name}.${format}`))
  })
})
