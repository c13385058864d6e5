import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseTextTemplate, runTextTemplate, TemplateFailure, type TemplatePorts } from '../../src/kernel/index.ts'

/** Recorded from Go's own package, with the data below: what a template makes, or the words with which it is refused. */
interface Recorded {
  readonly template: string
  readonly ok?: string
  readonly parse?: string
  readonly exec?: string
}
const recorded: readonly Recorded[] = JSON.parse(readFileSync(new URL('../vectors/text-templates.json', import.meta.url), 'utf8'))
const data = { key: 'k1/é', path: 'acl1/dir/' }
const ports: TemplatePorts = {
  now: new Date('2026-11-24T05:07:09.120Z'),
  randomText: length => 'r'.repeat(length),
  uuid: () => 'a-uuid',
  sha256: text => createHash('sha256').update(text).digest('hex'),
}
const made = (template: string): string => runTextTemplate(parseTextTemplate(template), data, ports)

describe('a text template', () => {
  it.each(recorded)('$template', ({ template, ok, parse, exec }) => {
    if (parse !== undefined) expect(() => parseTextTemplate(template)).toThrow(new TemplateFailure(parse))
    else if (exec !== undefined) expect(() => made(template)).toThrow(new TemplateFailure(exec))
    else expect(made(template)).toBe(ok)
  })

  it.each([
    ['{{ random 5 }}', 'rrrrr'],
    ['{{ uuid }}', 'a-uuid'],
    ['{{ unix_time }} {{ unix_time_millis }}', '1795496829 1795496829120'],
    ['{{ timestamp "2006-01-02T15:04:05Z07:00" }}', '2026-11-24T05:07:09Z'],
    ['{{ timestamp "Mon, _2 Jan 06 3:04:05.000 pm -0700 MST" }}', 'Tue, 24 Nov 26 5:07:09.120 am +0000 UTC'],
    ['{{ timestamp "Monday January 2 002 .99" }}', 'Tuesday November 24 328 .12'],
    [
      '{{ glob "k*é" .key }} {{ glob "*x" .key }} {{ glob "k1" .key }} {{ glob "*1*" .key }} {{ glob "k1/é*é" .key }}',
      'true false false true false',
    ],
    ['{{ timestamp "_2006 1 03 4 5 PM Z0700 -07:00 __2" }}', '_2026 11 05 7 9 AM Z +00:00 328'],
    ['{{ truncate 4 .key }}', 'k1/\ufffd'],
    ['{{ .key | truncate_sha256 9 }}', 'k1/é'],
  ])('gives the functions of the API: %s', (template, text) => {
    expect(made(template)).toBe(text)
  })

  it.each(['{{ random 0 }}', '{{ truncate_sha256 8 .key }}', '{{ decode_base64 "!" }}', '{{ decode_hex "abc" }}', '{{ decode_hex "zz" }}'])(
    'passes on what a function says: %s',
    template => {
      expect(() => made(template)).toThrow(/error calling/)
    },
  )

  it.each([
    ['2026-11-24T00:00:00Z', '03PM 3pm', '12AM 12am'],
    ['2026-01-02T15:04:00Z', '3 15:04 pm .99 .000', '3 15:04 pm  .000'],
    ['2026-01-02T12:30:00Z', '03:04 PM 002', '12:30 PM 002'],
  ])('shows %s in the layout %s', (at, layout, text) => {
    const template = parseTextTemplate(`{{ timestamp "${layout}" }}`)
    expect(runTextTemplate(template, data, { ...ports, now: new Date(at) })).toBe(text)
  })

  it('ends when it calls itself for ever', () => {
    expect(() => made('{{ define "x" }}{{ template "x" . }}{{ end }}{{ template "x" . }}')).toThrow(/maximum template depth/)
    const doubling = '{{ define "x" }}{{ template "x" . }}{{ template "x" . }}{{ end }}{{ template "x" . }}'
    expect(() => made(doubling)).toThrow(TemplateFailure)
    expect(() => made('{{ range 99999 }}{{ range 99999 }}a{{ end }}{{ end }}')).toThrow(/steps of a template/)
  })

  it.each([
    '{{ random 2000000000 }}',
    '{{ printf "%900000000d" 1 }}',
    '{{ printf "%-900000000s" "x" }}',
    '{{ printf "%0900000000d" 1 }}',
    '{{ printf "%.900f" 1.5 }}',
    '{{ $x := "xx" }}{{ range 40 }}{{ $x = printf "%s%s" $x $x }}{{ end }}',
    '{{ $x := "xx" }}{{ range 40 }}{{ $x = print $x $x }}{{ end }}',
    '{{ $x := "xx" }}{{ range 40 }}{{ $x = hex $x }}{{ end }}',
    '{{ $x := "xx" }}{{ range 40 }}{{ $x = replace "" $x $x }}{{ end }}',
    '{{ $x := "xx" }}{{ range 40 }}{{ $x = replace "x" $x $x }}{{ end }}',
    '{{ $x := random 60000 }}{{ range 99999 }}{{ $x }}{{ end }}',
    '{{ $x := random 60000 }}{{ range 99999 }}{{ $y := uppercase $x }}{{ end }}',
  ])('ends when it makes too much text: %s', template => {
    const asked: number[] = []
    const randomText = (length: number): string => {
      asked.push(length)
      return length > 100_000 ? '' : 'r'.repeat(length)
    }
    expect(() => runTextTemplate(parseTextTemplate(template), data, { ...ports, randomText })).toThrow(TemplateFailure)
    expect(Math.max(0, ...asked)).toBeLessThanOrEqual(65_536)
  })
})
