import type { Command } from './command.ts'

/** One line of the command table. Without `load` it is a group, whose commands are the entries behind its name and a blank. */
export interface Entry {
  readonly name: string
  /** One line for the lists in the help. */
  readonly doc: string
  /** The heading under which the program's help lists it. Entries with a blank in the name are listed by their group. */
  readonly job?: (typeof jobs)[keyof typeof jobs]
  /** A group's help. */
  readonly about?: string
  readonly load?: () => Promise<{ readonly command: Command }>
}

/** The headings of the program's help, in this order. */
export const jobs: {
  readonly reconcile: 'Keep a server in lockstep with a repository'
  readonly serve: 'Run a server'
  readonly secrets: 'Work with secrets'
  readonly manage: 'Manage a server'
} = {
  reconcile: 'Keep a server in lockstep with a repository',
  serve: 'Run a server',
  secrets: 'Work with secrets',
  manage: 'Manage a server',
}

// prettier-ignore
export const entries: readonly Entry[] = [
  { name: 'plan', job: jobs.reconcile, doc: 'Show what apply would change', load: () => import('./commands/plan.ts') },
  { name: 'apply', job: jobs.reconcile, doc: 'Bring a server to what a repository says', load: () => import('./commands/apply.ts') },
  { name: 'adopt', job: jobs.reconcile, doc: 'Write what stands on a server as files of a repository', load: () => import('./commands/adopt.ts') },
  { name: 'drift', job: jobs.reconcile, doc: 'Report where a server and a repository differ', load: () => import('./commands/drift.ts') },
  { name: 'snapshot', job: jobs.reconcile, doc: 'Plan where there is no server', about: `
What a server answers, signed, so that pull requests of strangers can be planned
without a token.

    $ {program} snapshot take -out=snapshot.json -key=snapshot.key
    $ {program} plan -snapshot=snapshot.json -snapshot-key=snapshot.pub` },
  { name: 'snapshot keygen', doc: 'Make the keys for snapshots', load: () => import('./commands/snapshot/keygen.ts') },
  { name: 'snapshot take', doc: 'Write down and sign what a server answers', load: () => import('./commands/snapshot/take.ts') },
  { name: 'watch', job: jobs.reconcile, doc: 'Keep a server in lockstep with a branch', load: () => import('./commands/watch.ts') },
  { name: 'explain', job: jobs.reconcile, doc: 'Say why a request is allowed or denied', load: () => import('./commands/explain.ts') },
  { name: 'diff', job: jobs.reconcile, doc: 'Show who gains and loses access between two states', load: () => import('./commands/diff.ts') },
  { name: 'lint', job: jobs.reconcile, doc: 'Look for mistakes in policies and roles', load: () => import('./commands/lint.ts') },
  { name: 'fmt', job: jobs.reconcile, doc: 'Format policy files', load: () => import('./commands/fmt.ts') },
  { name: 'lsp', job: jobs.reconcile, doc: 'Help an editor with policies and mount files', load: () => import('./commands/lsp.ts') },
  { name: 'test', job: jobs.reconcile, doc: 'Run access tests: who can reach what, and who cannot', load: () => import('./commands/test.ts') },
  { name: 'whocan', job: jobs.reconcile, doc: 'Name everybody who may do something', load: () => import('./commands/whocan.ts') },

  { name: 'policy-for', job: jobs.reconcile, doc: 'Print the smallest policy to plan or apply with', load: () => import('./commands/policy-for.ts') },
  { name: 'graph', job: jobs.reconcile, doc: 'Draw who uses what', load: () => import('./commands/graph.ts') },

  { name: 'init', job: jobs.reconcile, doc: 'Make a new managed repository', load: () => import('./commands/init.ts') },
  { name: 'github', job: jobs.reconcile, doc: 'Put a plan where it is reviewed on GitHub', about: `
Commands for workflows: most put what "plan -json" printed somewhere on GitHub.

    $ {program} plan -json > plan.json
    $ {program} github comment -plan=plan.json` },
  { name: 'github check', doc: 'Write a check of a commit', load: () => import('./commands/github/check.ts') },
  { name: 'github code-scanning', doc: 'Hand a report in SARIF to code scanning', load: () => import('./commands/github/code-scanning.ts') },
  { name: 'github comment', doc: 'Write a comment of a pull request, or edit it', load: () => import('./commands/github/comment.ts') },
  { name: 'github deployment', doc: 'Record how an apply goes', load: () => import('./commands/github/deployment.ts') },
  { name: 'github drift-issue', doc: 'Keep one issue that tells of a drift', load: () => import('./commands/github/drift-issue.ts') },
  { name: 'github lock', doc: 'Take the lock of a target for a pull request', load: () => import('./commands/github/lock.ts') },
  { name: 'github request', doc: 'Tell what a comment asks for', load: () => import('./commands/github/request.ts') },
  { name: 'github reviewed', doc: 'Print the hash of the plan that was reviewed', load: () => import('./commands/github/reviewed.ts') },
  { name: 'github status', doc: 'Write a status of a commit', load: () => import('./commands/github/status.ts') },
  { name: 'github summary', doc: 'Write the summary and the outputs of a job', load: () => import('./commands/github/summary.ts') },
  { name: 'github unlock', doc: 'Give back the lock of a target', load: () => import('./commands/github/unlock.ts') },

  { name: 'start', job: jobs.reconcile, doc: 'Try it out: a server of its own, in lockstep with this repository', load: () => import('./commands/start.ts') },
  { name: 'server', job: jobs.serve, doc: 'Run a server', load: () => import('./commands/server.ts') },

  { name: 'read', job: jobs.secrets, doc: 'Read data and secrets', load: () => import('./commands/read.ts') },
  { name: 'write', job: jobs.secrets, doc: 'Write data and secrets', load: () => import('./commands/write.ts') },
  { name: 'patch', job: jobs.secrets, doc: 'Change some fields of what is at a path', load: () => import('./commands/patch.ts') },
  { name: 'list', job: jobs.secrets, doc: 'List the keys at a path', load: () => import('./commands/list.ts') },
  { name: 'scan', job: jobs.secrets, doc: 'List the keys at and below a path', load: () => import('./commands/scan.ts') },
  { name: 'delete', job: jobs.secrets, doc: 'Delete what is at a path', load: () => import('./commands/delete.ts') },
  { name: 'unwrap', job: jobs.secrets, doc: 'Open a wrapped reply', load: () => import('./commands/unwrap.ts') },
  { name: 'ssh', job: jobs.secrets, doc: 'Log in to a host over SSH', load: () => import('./commands/ssh.ts') },
  { name: 'login', job: jobs.secrets, doc: 'Log in and store the token', load: () => import('./commands/login.ts') },

  { name: 'kv', job: jobs.secrets, doc: 'Work with key/value secrets and their versions', about: `
Commands for the KV engines, which know what lies between the mount and the path
of a secret in version 2 ("data", "metadata", …).

    $ {program} kv put -mount=secret payments/db user=app
    $ {program} kv get -mount=secret payments/db` },
  { name: 'kv delete', doc: 'Delete a secret, or versions of it', load: () => import('./commands/kv/delete.ts') },
  { name: 'kv destroy', doc: 'Remove versions of a secret for good', load: () => import('./commands/kv/destroy.ts') },
  { name: 'kv enable-versioning', doc: 'Turn an engine of version 1 into one of version 2', load: () => import('./commands/kv/enable-versioning.ts') },
  { name: 'kv get', doc: 'Read a secret', load: () => import('./commands/kv/get.ts') },
  { name: 'kv list', doc: 'List secrets', load: () => import('./commands/kv/list.ts') },
  { name: 'kv metadata', doc: 'Work with what is known of a secret beside its value', about: `
Commands for what a KV engine of version 2 knows of a secret beside its value:
settings, custom metadata, and the list of its versions.

    $ {program} kv metadata get -mount=secret payments/db` },
  { name: 'kv metadata delete', doc: 'Delete a secret with all its versions', load: () => import('./commands/kv-metadata/delete.ts') },
  { name: 'kv metadata get', doc: 'Print the metadata of a secret', load: () => import('./commands/kv-metadata/get.ts') },
  { name: 'kv metadata patch', doc: 'Change some metadata of a secret', load: () => import('./commands/kv-metadata/patch.ts') },
  { name: 'kv metadata put', doc: 'Set the metadata of a secret', load: () => import('./commands/kv-metadata/put.ts') },
  { name: 'kv patch', doc: 'Change some keys of a secret', load: () => import('./commands/kv/patch.ts') },
  { name: 'kv put', doc: 'Write a secret', load: () => import('./commands/kv/put.ts') },
  { name: 'kv rollback', doc: 'Make an earlier version current again', load: () => import('./commands/kv/rollback.ts') },
  { name: 'kv scan', doc: 'List secrets in all folders', load: () => import('./commands/kv/scan.ts') },
  { name: 'kv undelete', doc: 'Bring deleted versions back', load: () => import('./commands/kv/undelete.ts') },

  { name: 'status', job: jobs.manage, doc: 'Print whether the server is sealed', load: () => import('./commands/status.ts') },
  { name: 'operator', job: jobs.manage, doc: 'Initialise, seal and unseal a server, rotate its keys', about: `
Commands for those who run a server.

    $ {program} operator init
    $ {program} operator unseal` },
  { name: 'operator generate-root', doc: 'Make a root token by a quorum of shares', load: () => import('./commands/operator/generate-root.ts') },
  { name: 'operator init', doc: 'Initialise a server', load: () => import('./commands/operator/init.ts') },
  { name: 'operator key-status', doc: 'Print which key encrypts what is written', load: () => import('./commands/operator/key-status.ts') },
  { name: 'operator members', doc: 'Print the nodes of the cluster', load: () => import('./commands/operator/members.ts') },
  { name: 'operator raft', doc: 'Save and restore the store', about: `
Commands for the store of a server, of whatever type it is, under the names of the
field's integrated storage.

    $ {program} operator raft snapshot save backup.snap` },
  { name: 'operator raft snapshot', doc: 'Save and restore the store', about: `
Copies of the whole store in one file, for backups. What is in it is encrypted: the
shares, or the seal, that unseal the server are needed for it too.

    $ {program} operator raft snapshot save backup.snap
    $ {program} operator raft snapshot inspect backup.snap
    $ {program} operator raft snapshot restore backup.snap` },
  { name: 'operator raft snapshot inspect', doc: 'Print what is in a file, and whether it is whole', load: () => import('./commands/operator/raft/inspect.ts') },
  { name: 'operator raft snapshot restore', doc: 'Put the store of a file in place of the server’s', load: () => import('./commands/operator/raft/restore.ts') },
  { name: 'operator raft snapshot save', doc: 'Save the store into a file', load: () => import('./commands/operator/raft/save.ts') },
  { name: 'operator rekey', doc: 'Make new shares of the key, by the older paths', load: () => import('./commands/operator/rekey.ts') },
  { name: 'operator rotate', doc: 'Encrypt by a new key from now on', load: () => import('./commands/operator/rotate.ts') },
  { name: 'operator rotate-keys', doc: 'Make new shares of the key that unseals', load: () => import('./commands/operator/rotate-keys.ts') },
  { name: 'operator seal', doc: 'Seal a server', load: () => import('./commands/operator/seal.ts') },
  { name: 'operator step-down', doc: 'Let another node lead', load: () => import('./commands/operator/step-down.ts') },
  { name: 'operator unseal', doc: 'Give a share of the key that unseals', load: () => import('./commands/operator/unseal.ts') },

  { name: 'policy', job: jobs.manage, doc: 'Work with policies', about: `
Commands for the policies of a server. To manage them as files in a repository,
see "plan" and "apply".

    $ {program} policy write payments-read payments-read.hcl` },
  { name: 'policy delete', doc: 'Delete a policy', load: () => import('./commands/policy/delete.ts') },
  { name: 'policy fmt', doc: 'Format a policy file', load: () => import('./commands/policy/fmt.ts') },
  { name: 'policy list', doc: 'List the policies', load: () => import('./commands/policy/list.ts') },
  { name: 'policy read', doc: 'Print a policy', load: () => import('./commands/policy/read.ts') },
  { name: 'policy write', doc: 'Upload a policy', load: () => import('./commands/policy/write.ts') },

  { name: 'secrets', job: jobs.manage, doc: 'Mount and tune secrets engines', about: `
Commands for the secrets engines of a server.

    $ {program} secrets enable -path=payments -version=2 kv` },
  { name: 'secrets disable', doc: 'Unmount a secrets engine', load: () => import('./commands/secrets/disable.ts') },
  { name: 'secrets enable', doc: 'Mount a secrets engine', load: () => import('./commands/secrets/enable.ts') },
  { name: 'secrets list', doc: 'List the secrets engines', load: () => import('./commands/secrets/list.ts') },
  { name: 'secrets move', doc: 'Move a secrets engine to another path', load: () => import('./commands/secrets/move.ts') },
  { name: 'secrets tune', doc: 'Change settings of a secrets engine', load: () => import('./commands/secrets/tune.ts') },

  { name: 'auth', job: jobs.manage, doc: 'Mount and tune auth methods', about: `
Commands for the auth methods of a server. To log in by one, see "login".

    $ {program} auth enable approle` },
  { name: 'auth disable', doc: 'Unmount an auth method', load: () => import('./commands/auth/disable.ts') },
  { name: 'auth enable', doc: 'Mount an auth method', load: () => import('./commands/auth/enable.ts') },
  { name: 'auth help', doc: 'Print how to log in by an auth method', load: () => import('./commands/auth/help.ts') },
  { name: 'auth list', doc: 'List the auth methods', load: () => import('./commands/auth/list.ts') },
  { name: 'auth move', doc: 'Move an auth method to another path', load: () => import('./commands/auth/move.ts') },
  { name: 'auth tune', doc: 'Change settings of an auth method', load: () => import('./commands/auth/tune.ts') },

  { name: 'token', job: jobs.manage, doc: 'Work with tokens', about: `
Commands for tokens.

    $ {program} token create -policy=ci -ttl=20m
    $ {program} token lookup` },
  { name: 'token capabilities', doc: 'Print what a token may do at a path', load: () => import('./commands/token/capabilities.ts') },
  { name: 'token create', doc: 'Create a token', load: () => import('./commands/token/create.ts') },
  { name: 'token lookup', doc: 'Print what is known of a token', load: () => import('./commands/token/lookup.ts') },
  { name: 'token renew', doc: 'Extend the life of a token', load: () => import('./commands/token/renew.ts') },
  { name: 'token revoke', doc: 'Revoke a token and its children', load: () => import('./commands/token/revoke.ts') },

  { name: 'lease', job: jobs.manage, doc: 'Work with leases', about: `
Commands for leases: what a secret that was generated is good for, and how long.

    $ {program} lease renew LEASE_ID` },
  { name: 'lease lookup', doc: 'Print what is known of a lease', load: () => import('./commands/lease/lookup.ts') },
  { name: 'lease renew', doc: 'Extend a lease', load: () => import('./commands/lease/renew.ts') },
  { name: 'lease revoke', doc: 'Revoke leases', load: () => import('./commands/lease/revoke.ts') },

  { name: 'audit', job: jobs.manage, doc: 'Enable and disable audit devices', about: `
Commands for the devices that every request and reply is written to.

    $ {program} audit enable file file_path=/var/log/lockstep/audit.log` },
  { name: 'audit disable', doc: 'Disable an audit device', load: () => import('./commands/audit/disable.ts') },
  { name: 'audit enable', doc: 'Enable an audit device', load: () => import('./commands/audit/enable.ts') },
  { name: 'audit list', doc: 'List the audit devices', load: () => import('./commands/audit/list.ts') },

  { name: 'namespace', job: jobs.manage, doc: 'Work with namespaces', about: `
Commands for namespaces: servers within the server, each with mounts, policies,
tokens and identities of its own. All commands work in the one that -namespace
or BAO_NAMESPACE (VAULT_NAMESPACE) names.

    $ {program} namespace create payments
    $ {program} secrets enable -namespace=payments -version=2 kv` },
  { name: 'namespace create', doc: 'Make a namespace', load: () => import('./commands/namespace/create.ts') },
  { name: 'namespace delete', doc: 'Delete a namespace with all that it holds', load: () => import('./commands/namespace/delete.ts') },
  { name: 'namespace list', doc: 'List the namespaces right below', load: () => import('./commands/namespace/list.ts') },
  { name: 'namespace lock', doc: 'Lock the API of a namespace', load: () => import('./commands/namespace/lock.ts') },
  { name: 'namespace lookup', doc: 'Print what is known of a namespace', load: () => import('./commands/namespace/lookup.ts') },
  { name: 'namespace patch', doc: 'Change the metadata of a namespace', load: () => import('./commands/namespace/patch.ts') },
  { name: 'namespace scan', doc: 'List all namespaces below', load: () => import('./commands/namespace/scan.ts') },
  { name: 'namespace unlock', doc: 'Unlock the API of a namespace', load: () => import('./commands/namespace/unlock.ts') },

  { name: 'path-help', job: jobs.manage, doc: 'Print what the server says about a path', load: () => import('./commands/path-help.ts') },
  { name: 'print', job: jobs.manage, doc: 'Print what this program would use', about: `
Commands that print what this program has worked out from flags, files and the
environment.

    $ {program} print token` },
  { name: 'print token', doc: 'Print the token in use', load: () => import('./commands/print/token.ts') },
  { name: 'version', job: jobs.manage, doc: 'Print the version', load: () => import('./commands/version.ts') },
]
