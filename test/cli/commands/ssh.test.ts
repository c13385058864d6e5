import { describe, expect, it } from 'vitest'
import { destinationOf } from '../../../src/cli/commands/ssh/destination.ts'

describe('where an ssh command goes to', () => {
  it.each([
    ['ann@host', { host: 'host', user: 'ann', port: undefined }],
    ['host', { host: 'host', user: undefined, port: undefined }],
    ['-p 2222 ann@host uptime', { host: 'host', user: 'ann', port: '2222' }],
    ['-p2222 host', { host: 'host', user: undefined, port: '2222' }],
    ['-vvv -A -l bob host', { host: 'host', user: 'bob', port: undefined }],
    ['-l bob ann@host', { host: 'host', user: 'ann', port: undefined }],
    ['-o User=bob -o Port=23 host', { host: 'host', user: 'bob', port: '23' }],
    ['-oport=23 -p 24 host', { host: 'host', user: undefined, port: '23' }],
    ['-i key -J jump@gate host -p 9', { host: 'host', user: undefined, port: undefined }],
    ['ssh://ann@host:24', { host: 'host', user: 'ann', port: '24' }],
    ['-v', undefined],
  ])('%s', (words, expected) => {
    expect(destinationOf(words.split(' '))).toEqual(expected)
  })
})
