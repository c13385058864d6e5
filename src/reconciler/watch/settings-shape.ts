import { attribute, type Shape } from '../shapes/index.ts'

/** What the file of `watch -config` may say, apart from its lists. Spans are seconds. */
export const watchShape: Shape = {
  repository: attribute.text('Where the files come from: what "git clone" takes. Without it, the folder of -dir is watched.'),
  token: attribute.secret('The password for a repository over HTTPS, by reference.'),
  branch: attribute.text('The branch that counts.', { fallback: 'main' }),
  path: attribute.text('The managed folder in the repository.'),
  checkout: attribute.text('Where the clone lies.'),
  mode: attribute.choice('Whether a commit is applied, or only planned and told.', ['apply', 'plan']),
  heal: attribute.flag('Undo what somebody changed on the server, and do not only tell.'),
  interval: attribute.span('How often a new commit is looked for.', { fallback: 60 }),
  drift_interval: attribute.span('How often the server is looked at while nothing is committed; 0: never.', { fallback: 600 }),
  lock: attribute.flag('Whether other watches of the same repository wait as long as this one works.', { fallback: true }),
  lock_term: attribute.span('After how long a watch that says nothing any more is followed by another.', { fallback: 60 }),
  history: attribute.count('How many runs the status remembers.', { fallback: 50 }),
  listen: attribute.text('Where health, metrics, status and the webhook are served, such as 127.0.0.1:8300. Nowhere without it.'),
  webhook_secret: attribute.secret('The secret of the webhook, by reference. Without it there is none.'),
}

export const retryShape: Shape = {
  first: attribute.span('The pause before the first repetition.', { fallback: 10 }),
  most: attribute.span('The longest pause.', { fallback: 600 }),
}

export const verifyShape: Shape = {
  allowed_signers: attribute.text('A file of allowed signers, as ssh-keygen reads it.'),
  gpg_keys: attribute.text('A file of OpenPGP public keys.'),
}

export const windowShape: Shape = {
  deny: attribute.text('When nothing is written: HH:MM-HH:MM.', { fallback: null }),
  allow: attribute.text('When something may be written: HH:MM-HH:MM.', { fallback: null }),
  freeze: attribute.text('From when to when nothing is written: two times with a slash between.', { fallback: null }),
  days: attribute.set('On which days: mon to sun. Without it, on all.'),
  timezone: attribute.text('Whose times these are, such as Europe/Berlin.', { fallback: 'UTC' }),
  reason: attribute.text('Why.'),
}

export const noticeShape: Shape = {
  url: attribute.secret('Where it is sent, by reference: whoever knows it can write there.'),
  secret: attribute.secret('The secret of the signature in X-Lockstep-Signature-256, by reference.'),
  format: attribute.choice('What is sent: our JSON, or what Slack and its likes take.', ['json', 'slack']),
  on: attribute.set('Of which outcomes. Without it, of all but clean.'),
}
