import { describe, expect, it } from 'vitest'
import { findingsOf, type Files } from '../harness/repository.ts'

/** What a mistake looks like to the one who made it. */
const cases: readonly (readonly [string, Files, readonly string[]])[] = [
  [
    'a mistyped key',
    { 'roles/a.yaml': 'type: approle\nroles:\n  ci:\n    token_polices: [x]\n' },
    ['roles/a.yaml:4:5 error LOAD0003 unknown key "token_polices" in role "ci"; did you mean token_policies?'],
  ],
  [
    'a mistyped key of the tuning',
    { 'engines/a.yaml': 'type: kv\ntune: { max_lease_tl: 1h }\n' },
    ['engines/a.yaml:2:9 error LOAD0003 unknown key "max_lease_tl" in tune; did you mean max_lease_ttl?'],
  ],
  [
    'a mistyped section, which would otherwise be a deletion',
    { 'roles/a.yaml': 'type: approle\nrole:\n  ci: {}\n' },
    ['roles/a.yaml:2:1 error LOAD0003 unknown key "role" in a mount of type approle; did you mean roles?'],
  ],
  [
    'a section that another type has',
    { 'roles/a.yaml': 'type: aprole\nroles:\n  ci: {}\n' },
    ['roles/a.yaml:2:1 error LOAD0003 roles cannot be managed on a mount of type aprole; did you mean type approle?'],
  ],
  ['a file without a type', { 'engines/a.yaml': 'typ: kv\n' }, ['engines/a.yaml:1:1 error LOAD0005 a mount needs a type']],
  [
    'a value of another kind',
    { 'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_ttl: 1hour, token_num_uses: true, bind_secret_id: 3 }\n' },
    [
      'roles/a.yaml:3:20 error LOAD0004 token_ttl: expected a duration such as 90s, 1h30m, 2d or 3600',
      'roles/a.yaml:3:43 error LOAD0004 token_num_uses: expected a whole number that is not negative, found true or false',
      'roles/a.yaml:3:65 error LOAD0004 bind_secret_id: expected true or false, found a number',
    ],
  ],
  [
    'a mistyped word',
    { 'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_type: bach }\n' },
    [
      'roles/a.yaml:3:21 error LOAD0004 token_type: expected one of default, service, batch, default-service, default-batch; did you mean batch?',
    ],
  ],
  [
    'a key without a value',
    { 'roles/a.yaml': 'type: approle\nroles:\n' },
    ['roles/a.yaml:2:7 error LOAD0004 roles: expected a map, found nothing; leave the key out, or write {} for an empty one'],
  ],
  [
    'attributes that the server would refuse together',
    { 'roles/a.yaml': 'type: approle\nroles:\n  ci:\n    token_ttl: 2h\n    token_max_ttl: 1h\n  x: { bind_secret_id: false }\n' },
    [
      'roles/a.yaml:4:16 error LOAD0010 role "ci": token_ttl is longer than token_max_ttl',
      'roles/a.yaml:6:24 error LOAD0010 role "x": a role without a secret ID needs secret_id_bound_cidrs or token_bound_cidrs',
    ],
  ],
  [
    'an object that is described in two files',
    { 'roles/a.yaml': 'type: approle\nroles:\n  ci: {}\n', 'roles/a/roles/ci.yaml': '{}\n' },
    ['roles/a/roles/ci.yaml:1:1 error LOAD0006 auth/a/role/ci is described twice'],
  ],
  [
    'two names that the server folds into one',
    { 'policies/a.hcl': '# a\n', 'policies/A.hcl': '# a\n' },
    [
      'policies/a.hcl:1:1 error LOAD0006 policy/a is described twice',
      'policies/A.hcl:1:1 warning LOAD0013 the server folds this name to a',
    ],
  ],
  [
    'a key that is given twice',
    { 'engines/a.yaml': 'type: kv\ndescription: a\ndescription: b\n' },
    ['engines/a.yaml:3:1 error LOAD0006 the key description is given twice'],
  ],
  [
    'an attribute under two of its names',
    { 'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_policies: [a], policies: [b] }\n' },
    ['roles/a.yaml:3:30 error LOAD0006 role "ci" gives token_policies twice: "policies" is another name for it'],
  ],
  [
    'a deprecated name',
    { 'roles/a.yaml': 'type: approle\nroles:\n  ci: { policies: [] }\n' },
    ['roles/a.yaml:3:9 warning LOAD0012 "policies" is deprecated'],
  ],
  [
    'a policy that the server would refuse',
    { 'policies/a.hcl': 'path "x" {\n  capabilities = ["reed"]\n}\n' },
    ['policies/a.hcl:2:19 error HCL2007 unknown capability "reed" of path "x"'],
  ],
  ['a policy without a text', { 'policies/a.hcl': '\n' }, ['policies/a.hcl:1:1 error LOAD0005 the policy is empty']],
  [
    'reserved names',
    {
      'policies/root.hcl': '# a\n',
      'policies/lockstep/ledger/x.hcl': '# a\n',
      'engines/sys.yaml': 'type: kv\n',
      'engines/cubbyhole/x.yaml': 'type: kv\n',
    },
    [
      'engines/cubbyhole/x.yaml:1:1 error LOAD0007 "cubbyhole/x" cannot be a mount: cubbyhole/ is built into the server and cannot be mounted',
      'engines/sys.yaml:1:1 error LOAD0007 "sys" cannot be a mount: sys/ is built into the server and cannot be mounted',
      'policies/lockstep/ledger/x.hcl:1:1 error LOAD0011 the policy "lockstep/ledger/x" cannot be managed: lockstep/ledger/ is where Lockstep keeps its ledger',
      'policies/root.hcl:1:1 error LOAD0011 the policy "root" cannot be managed: root is built into the server and cannot be written',
    ],
  ],
  [
    'the built-in token mount, of which only roles are managed',
    { 'roles/token.yaml': 'type: token\ndescription: x\n' },
    ['roles/token.yaml:2:1 error LOAD0011 auth/token/ is built into the server: description cannot be managed, only roles'],
  ],
  [
    'files that would be skipped, were they not refused',
    {
      'policies/a.hcl.bak': '# a\n',
      'roles/a.yml': 'type: approle\n',
      'roles/b.yaml': 'type: approle\n',
      'roles/b/role/ci.yaml': '{}\n',
    },
    [
      'policies/a.hcl.bak:1:1 error LOAD0009 a policy is a file named <name>.hcl',
      'roles/a.yml:1:1 error LOAD0009 a file here is named <mount>.yaml or <mount>.hcl',
      'roles/b/role/ci.yaml:1:1 error LOAD0009 a file here is named roles/b/roles/<name>.yaml',
    ],
  ],
  [
    'a config that a mount of its version does not have',
    { 'engines/a.yaml': 'type: kv\nconfig: {}\n' },
    ['engines/a.yaml:2:1 error LOAD0003 config: only version 2 has a config'],
  ],
  [
    'references that are none',
    {
      'roles/a.yaml':
        'type: approle\nroles:\n  a: { role_id: { $enw: X } }\n  b: { role_id: { $env: X, y: 1 } }\n  c: { role_id: { $vault: secret/data/x } }\n',
    },
    [
      'roles/a.yaml:3:19 error LOAD0008 unknown kind of reference "$enw"; did you mean $env?',
      'roles/a.yaml:4:17 error LOAD0008 a reference has one key and no other',
      'roles/a.yaml:5:27 error LOAD0008 $vault needs a path and a key: "secret/data/app#key"',
    ],
  ],
  [
    'numbers that would reach the server as others',
    { 'engines/a.yaml': 'type: kv\ntune: { default_lease_ttl: 010 }\n' },
    ['engines/a.yaml:2:28 error LOAD0002 expected text, true, false or a plain number; a text that looks like a number needs quotes'],
  ],
  ['a file without a document', { 'engines/a.yaml': '# nothing\n' }, ['engines/a.yaml:1:1 error LOAD0002 the file is empty']],
  [
    'a file with two documents',
    { 'engines/a.yaml': 'type: kv\n---\ntype: kv\n' },
    ['engines/a.yaml:2:1 error LOAD0002 the file holds more than one document; write one file for each'],
  ],
]

describe('findings', () => {
  it.each(cases)('tell of %s with file, line and column', (_what, files, expected) => {
    expect(findingsOf(files)).toEqual(expected)
  })

  it('count columns in code points', () => {
    expect(findingsOf({ 'engines/a.yaml': 'type: kv\ndescription: "🔑🔑"\ntune: { "🔑": 1, x: 2 }\n' })).toEqual([
      expect.stringMatching(/^engines\/a\.yaml:3:9 /),
      expect.stringMatching(/^engines\/a\.yaml:3:17 /),
    ])
  })

  it('never echo a value that could be a secret', () => {
    const files = {
      'roles/a.yaml': 'type: approle\nroles:\n  ci: { token_ttl: hunter2, token_policies: { hunter2: 1 }, role_id: [hunter2] }\n',
    }
    expect(findingsOf(files)).toHaveLength(3)
    expect(findingsOf(files).join()).not.toContain('hunter2')
  })
})
