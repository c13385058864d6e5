import { call, del, get, list, patch, post, put, scenario, type Area, type Step } from './harness/scenario.ts'

/** A policy by its own name, and a token `name` that has it and nothing else. */
function holder(name: string, text: string): readonly Step[] {
  return [
    put(`sys/policies/acl/${name}`, { policy: text }),
    post('auth/token/create', { policies: [name], no_default_policy: true }, { save: { [name]: 'auth.client_token' } }),
  ]
}

export const acl: Area = {
  name: 'authorisation',
  server: 'dev',
  scenarios: [
    scenario(
      'exact, prefix, segment, deny',
      post('sys/mounts/kv', { type: 'kv' }),
      ...['kv/app', 'kv/app/one', 'kv/app/two/deep', 'kv/team/a/cfg', 'kv/team/b/cfg', 'kv/team/b/x', 'kv/apple'].map(path =>
        post(path, { v: 1 }),
      ),
      ...holder(
        'matcher',
        `
path "kv/app" { capabilities = ["read"] }
path "kv/app/*" { capabilities = ["read"] }
path "kv/app/two/*" { capabilities = ["deny"] }
path "kv/team/+/cfg" { capabilities = ["read"] }
path "kv/team/b/cfg" { capabilities = ["deny"] }
path "kv/wild*" { capabilities = ["read"] }
`,
      ),
      get('kv/app', { token: 'matcher' }),
      get('kv/apple', { token: 'matcher' }),
      get('kv/app/one', { token: 'matcher' }),
      get('kv/app/none', { token: 'matcher' }),
      get('kv/app/two/deep', { token: 'matcher' }),
      get('kv/team/a/cfg', { token: 'matcher' }),
      get('kv/team/b/cfg', { token: 'matcher' }),
      get('kv/team/b/x', { token: 'matcher' }),
      get('kv/team/a/b/cfg', { token: 'matcher' }),
      get('kv/wildcard', { token: 'matcher' }),
      get('kv/wild', { token: 'matcher' }),
      get('kv/%61pp', { token: 'matcher' }),
      post('kv/app', { v: 2 }, { token: 'matcher' }),
      del('kv/app', { token: 'matcher' }),
      list('kv/app', { token: 'matcher' }),
      get('kv/other', { token: 'matcher' }),
      get('nowhere/x', { token: 'matcher' }),
      get('sys/mounts', { token: 'matcher' }),
      get('auth/token/lookup-self', { token: 'matcher' }),
    ),
    scenario(
      'which rule wins',
      ...['p/a/x', 'p/ab', 'r/p/q/b', 'r/p/z/b', 'e/exact', 's/a/b', 's/a/c'].map(path => post(`kv/${path}`, { v: 1 })),
      ...holder(
        'winner',
        `
path "kv/p/a/*" { capabilities = ["read"] }
path "kv/p/a*" { capabilities = ["deny"] }
path "kv/r/+/+/b" { capabilities = ["deny"] }
path "kv/r/p/+/b" { capabilities = ["read"] }
path "kv/e/*" { capabilities = ["deny"] }
path "kv/e/exact" { capabilities = ["read"] }
path "kv/s/+/b" { capabilities = ["read"] }
path "kv/s/a/*" { capabilities = ["update"] }
`,
      ),
      get('kv/p/a/x', { token: 'winner' }),
      get('kv/p/ab', { token: 'winner' }),
      get('kv/r/p/q/b', { token: 'winner' }),
      get('kv/r/x/q/b', { token: 'winner' }),
      get('kv/e/exact', { token: 'winner' }),
      get('kv/e/else', { token: 'winner' }),
      get('kv/s/a/b', { token: 'winner' }),
      get('kv/s/a/c', { token: 'winner' }),
      post('kv/s/a/b', { v: 2 }, { token: 'winner' }),
      post('kv/s/a/c', { v: 2 }, { token: 'winner' }),
    ),
    scenario(
      'several policies',
      put('sys/policies/acl/first', { policy: 'path "kv/m/x" { capabilities = ["read"] }\npath "kv/m/y" { capabilities = ["read"] }' }),
      put('sys/policies/acl/second', { policy: 'path "kv/m/x" { capabilities = ["update"] }\npath "kv/m/y" { capabilities = ["deny"] }' }),
      post('kv/m/x', { v: 1 }),
      post('kv/m/y', { v: 1 }),
      post('auth/token/create', { policies: ['first', 'second'] }, { save: { both: 'auth.client_token' } }),
      get('kv/m/x', { token: 'both' }),
      post('kv/m/x', { v: 2 }, { token: 'both' }),
      get('kv/m/y', { token: 'both' }),
      put('sys/policies/acl/second', { policy: 'path "kv/m/y" { capabilities = ["read"] }' }),
      get('kv/m/y', { token: 'both' }),
      post('kv/m/x', { v: 3 }, { token: 'both' }),
      del('sys/policies/acl/first'),
      get('kv/m/x', { token: 'both' }),
      get('kv/m/y', { token: 'both' }),
    ),
    scenario(
      'create and update',
      ...holder('creator', 'path "kv/c/*" { capabilities = ["create"] }\npath "secret/data/c/*" { capabilities = ["create"] }'),
      ...holder('updater', 'path "kv/c/*" { capabilities = ["update"] }\npath "secret/data/c/*" { capabilities = ["update"] }'),
      post('kv/c/new', { v: 1 }, { token: 'updater' }),
      post('kv/c/new', { v: 1 }, { token: 'creator' }),
      post('kv/c/new', { v: 2 }, { token: 'creator' }),
      post('kv/c/new', { v: 2 }, { token: 'updater' }),
      post('secret/data/c/new', { data: {} }, { token: 'updater' }),
      post('secret/data/c/new', { data: {} }, { token: 'creator' }),
      post('secret/data/c/new', { data: {} }, { token: 'creator' }),
      post('secret/data/c/new', { data: {} }, { token: 'updater' }),
      del('secret/data/c/new'),
      post('secret/data/c/new', { data: {} }, { token: 'creator' }),
      del('kv/c/new'),
      post('kv/c/new', { v: 3 }, { token: 'creator' }),
      patch('secret/data/c/new', { data: { a: 1 } }, { token: 'updater' }),
      ...holder('patcher', 'path "secret/data/c/*" { capabilities = ["patch"] }'),
      post('secret/data/c/new', { data: { a: 1 } }),
      patch('secret/data/c/new', { data: { a: 2 } }, { token: 'patcher' }),
      post('secret/data/c/new', { data: { a: 3 } }, { token: 'patcher' }),
    ),
    scenario(
      'lists',
      ...holder('bare', 'path "kv/app" { capabilities = ["list"] }'),
      ...holder('slash', 'path "kv/app/" { capabilities = ["list"] }'),
      ...holder('star', 'path "kv/app/*" { capabilities = ["list"] }'),
      ...holder('plus', 'path "kv/+" { capabilities = ["list", "read"] }'),
      ...['bare', 'slash', 'star', 'plus'].flatMap(token => [
        list('kv/app', { token }),
        list('kv/app/', { token }),
        get('kv/app?list=true', { token }),
        list('kv', { token }),
        get('kv/app', { token }),
        call('SCAN', 'kv/app', { token }),
      ]),
    ),
    scenario(
      'sudo',
      ...holder(
        'nosudo',
        'path "auth/token/accessors" { capabilities = ["list"] }\npath "auth/token/accessors/" { capabilities = ["list"] }',
      ),
      ...holder('onlysudo', 'path "auth/token/accessors/*" { capabilities = ["sudo"] }'),
      ...holder('bothsudo', 'path "auth/token/accessors/*" { capabilities = ["list", "sudo"] }'),
      list('auth/token/accessors', { token: 'nosudo' }),
      list('auth/token/accessors', { token: 'onlysudo' }),
      ...holder(
        'mounter',
        'path "sys/mounts/*" { capabilities = ["create", "update", "delete", "read"] }\npath "sys/auth/*" { capabilities = ["create", "update", "delete", "read"] }',
      ),
      post('sys/mounts/byhand', { type: 'kv' }, { token: 'mounter' }),
      get('sys/mounts/byhand', { token: 'mounter' }),
      post('sys/mounts/byhand/tune', { description: 'x' }, { token: 'mounter' }),
      del('sys/mounts/byhand', { token: 'mounter' }),
      post('sys/auth/byhand', { type: 'approle' }, { token: 'mounter' }),
      get('sys/auth/byhand', { token: 'mounter' }),
      del('sys/auth/byhand', { token: 'mounter' }),
      ...holder('authmounter', 'path "sys/auth/*" { capabilities = ["create", "update", "delete", "read", "sudo"] }'),
      post('sys/auth/byhand', { type: 'approle' }, { token: 'authmounter' }),
      post('sys/auth/byhand/tune', { description: 'x' }, { token: 'authmounter' }),
      del('sys/auth/byhand', { token: 'authmounter' }),
      ...holder('sealer', 'path "sys/seal" { capabilities = ["update"] }'),
      put('sys/seal', {}, { token: 'sealer' }),
      ...holder('rotator', 'path "sys/rotate" { capabilities = ["update"] }'),
      put('sys/rotate', {}, { token: 'rotator' }),
      ...holder('lister', 'path "sys/leases/lookup/*" { capabilities = ["list"] }'),
      list('sys/leases/lookup/', { token: 'lister' }),
      list('sys/leases/lookup/auth', { token: 'lister' }),
    ),
    scenario(
      'the default policy',
      post('auth/token/create', { policies: ['default'] }, { save: { plain: 'auth.client_token' } }),
      get('auth/token/lookup-self', { token: 'plain' }),
      post('auth/token/renew-self', {}, { token: 'plain' }),
      post(
        'sys/capabilities-self',
        { paths: ['cubbyhole/x', 'sys/wrapping/wrap', 'auth/token/lookup-self', 'sys/mounts'] },
        { token: 'plain' },
      ),
      post('cubbyhole/x', { v: 1 }, { token: 'plain' }),
      post('sys/leases/lookup', { lease_id: 'x' }, { token: 'plain' }),
      post('sys/leases/renew', { lease_id: 'x' }, { token: 'plain' }),
      post('sys/leases/revoke', { lease_id: 'x' }, { token: 'plain' }),
      post('auth/token/create', {}, { token: 'plain' }),
      post('auth/token/lookup', { token: 'x' }, { token: 'plain' }),
      post('sys/wrapping/lookup', { token: 'x' }, { token: 'plain' }),
      get('sys/policies/acl/default', { token: 'plain' }),
      post('auth/token/revoke-self', {}, { token: 'plain' }),
      get('auth/token/lookup-self', { token: 'plain' }),
    ),
  ],
}
