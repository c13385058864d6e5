import type { Diagnostic } from '../../../kernel/index.ts'
import { problemIn } from './problem.ts'
import type { Problem } from '../rule.ts'
import type { WorkspaceView } from '../view/index.ts'

/** What the server's own checks refuse, for the rule whose business it is. */
export const refusals =
  (is: (it: Diagnostic) => boolean): ((view: WorkspaceView) => readonly Problem[]) =>
  view =>
    view.policies.flatMap(({ refusals: found, file }) =>
      found.flatMap(it =>
        is(it) ? problemIn(it.at ?? whole(file.name), it.summary, it.detail === undefined ? {} : { hint: it.detail }) : [],
      ),
    )

const start = { line: 1, column: 1, offset: 0 }
const whole = (file: string): NonNullable<Diagnostic['at']> => ({ file, start, end: start })

/** The word that a diagnostic about a capability quotes. */
export const quotedWord = ({ summary }: Diagnostic): string => /"([^"]*)"/.exec(summary)?.[1] ?? ''

/** Words that only Vault knows. */
export const foreignWords: ReadonlySet<string> = new Set(['subscribe', 'recover', 'subscribe_event_types'])
