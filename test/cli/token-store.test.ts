import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { currentToken, tokenStore } from '../../src/cli/token-store.ts'
import type { Context } from '../../src/cli/index.ts'
import { stage } from './context.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'lockstep-home-'))
})
afterEach(() => rmSync(home, { recursive: true }))

const at = (env: Readonly<Record<string, string>> = {}): Context => stage({ home, cwd: home, env }).ctx
const address = 'http://127.0.0.1:8200'

describe('the stored token', () => {
  it('is in the file that the field shares, for its owner alone', async () => {
    await (await tokenStore(at(), address)).set('hvs.one')
    expect(readFileSync(join(home, '.vault-token'), 'utf8')).toBe('hvs.one')
    expect(statSync(join(home, '.vault-token')).mode & 0o777).toBe(0o600)
  })

  it('replaces one that all could read, and leaves nothing beside it', async () => {
    writeFileSync(join(home, '.vault-token'), 'old', { mode: 0o644 })
    await (await tokenStore(at(), address)).set('new')
    expect(statSync(join(home, '.vault-token')).mode & 0o777).toBe(0o600)
    expect(readdirSync(home)).toEqual(['.vault-token'])
  })

  it('is read without the newline that an editor left', async () => {
    writeFileSync(join(home, '.vault-token'), ' hvs.one\n')
    expect(await currentToken(at(), address)).toBe('hvs.one')
  })

  it.each([
    ['no file', undefined],
    ['an empty one', ''],
  ])('is none with %s', async (_what, text) => {
    if (text !== undefined) writeFileSync(join(home, '.vault-token'), text)
    expect(await currentToken(at(), address)).toBeUndefined()
  })

  it('is where a variable says', async () => {
    await (await tokenStore(at({ VAULT_TOKEN_PATH: 'elsewhere' }), address)).set('hvs.two')
    expect(readFileSync(join(home, 'elsewhere'), 'utf8')).toBe('hvs.two')
    expect(existsSync(join(home, '.vault-token'))).toBe(false)
  })

  it("goes behind the environment's", async () => {
    writeFileSync(join(home, '.vault-token'), 'stored')
    expect(await currentToken(at({ VAULT_TOKEN: 'given' }), address)).toBe('given')
    expect(await currentToken(at({ BAO_TOKEN: '', VAULT_TOKEN: 'given' }), address)).toBe('stored')
  })
})

/** A helper that keeps the token in a file of its own, and notes how it was called. */
const helper = `#!/bin/sh
echo "$1 $BAO_ADDR $VAULT_ADDR" >> calls
case $1 in
get) cat kept 2>/dev/null || true ;;
store) cat > kept ;;
esac
`

describe('a token helper', () => {
  beforeEach(() => {
    writeFileSync(join(home, 'helper'), helper.replaceAll('kept', `${home}/kept`).replaceAll('calls', `${home}/calls`))
    chmodSync(join(home, 'helper'), 0o755)
  })

  it.each([
    ['HCL', 'token_helper = "PATH"\n'],
    ['HCL with comments', '# mine\n/* and\nmore */\n  token_helper="PATH" // here\n'],
    ['JSON', '{"token_helper": "PATH"}'],
  ])('named in %s keeps it, and gets it by no argument', async (_kind, text) => {
    writeFileSync(join(home, '.bao'), text.replace('PATH', join(home, 'helper')))
    expect(await currentToken(at(), address)).toBeUndefined()
    await (await tokenStore(at(), address)).set('hvs.helped')
    expect(await currentToken(at(), address)).toBe('hvs.helped')
    expect(readFileSync(join(home, 'calls'), 'utf8')).toBe(
      `get ${address} ${address}\nstore ${address} ${address}\nget ${address} ${address}\n`,
    )
    expect(existsSync(join(home, '.vault-token'))).toBe(false)
  })

  it('that fails is told of', async () => {
    writeFileSync(join(home, '.bao'), `token_helper = "${home}/failing"`)
    writeFileSync(join(home, 'failing'), '#!/bin/sh\necho "no keyring" >&2\nexit 3\n', { mode: 0o755 })
    await expect(currentToken(at(), address)).rejects.toThrow(/failing failed to get: no keyring/)
  })

  it.each([
    ['an unknown key', 'token_helper = "a"\nnope = "b"\n', /line 2 is not understood/],
    ['an unknown JSON key', '{"nope": 1}', /unknown key "nope"/],
    ['broken JSON', '{"token_helper": ', /not readable as JSON/],
    ['a wrong value', '{"token_helper": 1}', /token_helper is not a string/],
  ])('with %s is refused with exit code 2', async (_what, text, message) => {
    writeFileSync(join(home, 'config'), text)
    const failure = await currentToken(at({ BAO_CONFIG_PATH: '~/config' }), address).catch((thrown: unknown) => thrown)
    expect(String(failure)).toMatch(message)
    expect(failure).toMatchObject({ exitCode: 2 })
  })
})
