import { describe, expect, it } from 'vitest'
import { holdsPassword } from '../../../src/reconciler/shapes/mount-types/database.ts'

describe('a connection_url in a repository', () => {
  it.each([
    'postgresql://app:s3cret@h/db',
    'postgresql://app@acme:s3cret@h/db',
    'postgresql://app:s3{cret@h/db',
    'postgresql://:s3cret@h/db',
    'postgresql://app@h/db?sslmode=disable&password=s3cret',
    'mongodb+srv://app:s3cret@h',
    'app:s3cret@tcp(h:3306)/db',
    'app:s3cret@/db',
    'app:s3 cret@tcp/db',
    'host=h user=app password=s3cret',
    "host=h password = 's3 cret'",
    'sqlserver://app:s3cret@h:1433',
    'server=h;user id=app;password=s3cret;',
  ])('is refused with a password in it: %s', url => {
    expect(holdsPassword(url)).toBe(true)
  })

  it.each([
    '',
    'postgresql://{{username}}:{{password}}@h:5432/db?sslmode=disable',
    'postgresql://h:5432/db',
    'postgresql://app@h:5432/db',
    'postgresql://app:@h/db',
    '{{username}}:{{password}}@tcp(h:3306)/db',
    'app@tcp(h:3306)/db',
    'tcp(h:3306)/db',
    'host=h user={{username}} password={{password}}',
    "host=h user={{username}} password='{{password}}'",
    'server=h;user id={{username}};password={{password}};',
  ])('is taken without one: %s', url => {
    expect(holdsPassword(url)).toBe(false)
  })
})
