import type { Json } from '../../../kernel/index.ts'
import { attribute, type Shape } from '../attribute.ts'
import type { Collection, MountType, Singleton } from '../mount-type.ts'

/** https://openbao.org/api-docs/secret/rabbitmq/, as OpenBao answers it. */
const connection: Singleton = {
  is: 'singleton',
  begins: 'kept',
  blind: true,
  doc: 'Where the broker is.',
  path: 'config/connection',
  shape: {
    connection_uri: attribute.text('The URL of its management API.', { unread: 'tracked' }),
    username: attribute.text('As whom it is asked.', { unread: 'tracked' }),
    password: attribute.secret('The password.'),
    password_policy: attribute.text('The policy by which passwords are made.', {
      unread: 'tracked',
      names: { on: 'sys', at: ['policies/password'] },
    }),
    username_template: attribute.text('How the names of users are made.', { unread: 'tracked' }),
    verify_connection: attribute.flag('Whether the connection is tried when it is written.', { fallback: true, unread: 'said' }),
  },
}

const lease: Singleton = {
  is: 'singleton',
  begins: 'kept',
  doc: 'How long users live.',
  path: 'config/lease',
  shape: { ttl: attribute.span('How long.'), max_ttl: attribute.span('How long at most.') },
}

/** A map in JSON, which is answered as a map. */
const json = (doc: string): Shape[string] => attribute.map(doc, { toWire: (value: Json) => JSON.stringify(value) })

const roles: Collection = {
  is: 'collection',
  doc: 'Roles for which users are made on demand.',
  path: 'roles',
  noun: 'role',
  shape: {
    tags: attribute.text('The tags of such a user, with commas.'),
    vhosts: json('What it may do, by virtual host.'),
    vhost_topics: json('What it may do with topics, by virtual host.'),
  },
  foldsNames: false,
}

export const rabbitmq: MountType = {
  type: 'rabbitmq',
  table: 'engine',
  doc: 'Users of RabbitMQ, made on demand.',
  sections: { connection, lease, roles },
}
