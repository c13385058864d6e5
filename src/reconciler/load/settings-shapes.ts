import { attribute, type Shape } from '../shapes/index.ts'

export const targetShape: Shape = {
  address: attribute.text('Where the server listens.'),
  namespace: attribute.text('The namespace to work in.'),
  ca_cert: attribute.text('A PEM file of the CA certificates to trust.'),
  token: attribute.text('A token, by reference.', { fallback: null }),
}

export const ownershipShape: Shape = {
  owner: attribute.text('Tells the objects of this repository from those of another on the same target.', { fallback: null }),
  ledger_key: attribute.secret('The key of the hashes that tell whether a secret has changed, by reference.'),
  adopted: attribute.choice('What happens to an adopted object that is taken out of the files.', ['keep', 'delete']),
}

export const capShape: Shape = {
  count: attribute.count('How many objects one plan may touch.', { fallback: null }),
  percent: attribute.count('How large a share of the managed objects.', { fallback: null }),
}

export const moveShape: Shape = {
  from: attribute.text('What it was called: policy/<name>, or a mount with its final slash.'),
  to: attribute.text('What the files call it.'),
  until: attribute.text('Of a policy: the day from which the old name is gone.'),
}

export const ignoreShape: Shape = {
  address: attribute.text('What is ignored; * stands for anything.'),
  attributes: attribute.set('Only these attributes.'),
  reason: attribute.text('Why.'),
  until: attribute.text('The day from which the rule does not count.'),
}
