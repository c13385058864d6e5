import { describe, expect, it } from 'vitest'
import { hasPassword, redactedUrl } from '../../../../src/server/engines/database/connection.ts'
import { parseDataSource } from '../../../../src/server/engines/database/plugins/mysql/data-source.ts'
import { parseConnectionString } from '../../../../src/server/engines/database/plugins/postgresql/connection-string.ts'

const login = { username: 'root', password: 'other', disableEscaping: false }

describe('a connection URL that is read back', () => {
  it.each([
    ['postgresql://app:s3cret@h/db', 's3cret'],
    ['postgresql://app:s3#cret@h/db', 's3#cret'],
    ['postgresql://app@acme:s3cret@h/db', 's3cret'],
    ['postgresql://app:s3@cret@h/db', 's3@cret'],
    ['postgresql://:s3cret@h/db', 's3cret'],
    ['postgresql://app:s3cret@h', 's3cret'],
    ['postgresql://app:s3cret@h:1,i:2/db', 's3cret'],
    ['postgresql://app@h/db?password=s3cret', 's3cret'],
    ['postgresql://app:first@h/db?sslmode=disable&password=s3cret', 's3cret'],
    ['host=h user=app password=s3cret', 's3cret'],
    ["host=h user=app password='s3 cret'", 's3 cret'],
    ["host=h user=app password='s3\\'cret'", "s3'cret"],
    [String.raw`host=h user=app password=s3\ cret`, 's3 cret'],
    [String.raw`host=h user=app password=s3\'cret`, "s3'cret"],
  ])('hides what PostgreSQL takes for the password: %s', (url, password) => {
    expect(parseConnectionString(url, login).password).toBe(password)
    expect(redactedUrl(url)).not.toMatch(/s3|cret/)
    expect(redactedUrl(url)).toContain('xxxxx')
  })

  it.each([
    ['app:s3cret@tcp(h:3306)/db', 's3cret'],
    ['app:s3 cret@tcp(h:3306)/db', 's3 cret'],
    ['app:s3cret@/db', 's3cret'],
    ['app:s3cret@tcp/db', 's3cret'],
    [':s3cret@tcp(h)/', 's3cret'],
    ['app:s3@cret@tcp(h)/', 's3@cret'],
    ['app:s3/cret@tcp(h)/', 's3/cret'],
    ['app:s3?#cret@tcp(h)/db', 's3?#cret'],
    ['app:password=s3cret@tcp(h)/db', 'password=s3cret'],
  ])('hides what MySQL takes for the password: %s', (url, password) => {
    expect(parseDataSource(url, login).password).toBe(password)
    expect(redactedUrl(url)).not.toMatch(/s3|cret/)
    expect(redactedUrl(url)).toContain('xxxxx')
  })

  it.each([
    'postgresql://{{username}}:{{password}}@h:5432/db?sslmode=disable',
    'postgresql://h:5432/db',
    'postgresql://app@h:5432/db',
    '{{username}}:{{password}}@tcp(h:3306)/',
    'app@tcp(h:3306)/db',
    'tcp(h:3306)/db',
  ])('is as it was written where no password stands in it: %s', url => {
    expect(redactedUrl(url)).toBe(url)
    expect(hasPassword(url)).toBe(false)
  })
})
