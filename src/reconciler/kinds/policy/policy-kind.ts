import { apiPath, nothingUnread, textOf, type Change, type Kind, type Subject, type TargetWriter } from '../../model/index.ts'
import { livePolicy } from './answer.ts'
import { saysTheSame } from './meaning.ts'

function write(writer: TargetWriter, { subject, values, live, compareAndSet }: Change): Promise<unknown> {
  const cas = compareAndSet ? { cas: live?.version ?? -1 } : {}
  return writer.write(apiPath(subject.address), { ...live?.carried, policy: textOf(values['policy']), ...cas })
}

export const policyKind: Kind = {
  name: 'policy',
  doc: 'An ACL policy: policies/<name>.hcl.',
  rank: () => 0,
  isPermanent: () => false,
  keeps: () => undefined,
  unread: () => nothingUnread,
  replacement: () => undefined,
  loses: () => undefined,
  essence: (_subject, values) => values,
  notes(before, after) {
    return saysTheSame(textOf(before['policy']), textOf(after['policy']))
      ? ['only comments or layout differ: nobody gains or loses access']
      : []
  },
  resolved: (_subject, _attribute, text) => text,
  async read(reader, { address }: Subject) {
    const answer = await reader.read(apiPath(address))
    return answer === undefined ? undefined : livePolicy(answer.data ?? {})
  },
  createsOnly: compareAndSet => compareAndSet,
  async create(writer, change) {
    await write(writer, change)
  },
  async update(writer, change) {
    await write(writer, change)
  },
  remove: (writer, { address }) => writer.delete(apiPath(address)),
}
