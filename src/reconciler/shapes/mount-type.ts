import type { Home, Values } from '../model/index.ts'
import type { Shape } from './attribute.ts'

interface Described {
  readonly doc: string
  /** Below the mount. */
  readonly path: string
  readonly shape: Shape
  /** What the server would refuse although each value is right by itself: attribute and words. */
  readonly contradictions?: (values: Values) => readonly Contradiction[]
  /** What the server makes of values that hang on each other; of both sides, before they are compared. */
  readonly complete?: (values: Values) => Values
  /**
   * What a file can say, where the answer shows something in place of a secret: with which values instead, and which secrets have to be
   * given. Undefined: nothing is hidden in it.
   */
  readonly unmasked?: (values: Values) => { readonly values: Values; readonly secrets: readonly string[] } | undefined
  /** Why a change cannot be made in place, where that hangs on what changes into what. */
  readonly replaces?: (before: Values, after: Values) => string | undefined
  /** What a read has to say to be answered in full. */
  readonly query?: Readonly<Record<string, string>>
  /** No answer tells what is there: it is written, and the ledger knows a keyed hash of it. */
  readonly blind?: boolean
}

/** One object at one fixed path: `<mount>/config`. */
export interface Singleton extends Described {
  readonly is: 'singleton'
  /**
   * `mount`: it is there from the start, and to take it away is to bring it back to the defaults. `write`: it is not there until
   * it is written; `kept`: and then stays, since the API has no way to remove it.
   */
  readonly begins: 'mount' | 'write' | 'kept'
  /** It names objects of the mount, so they come first. */
  readonly late?: true
  /** An answer that says that it is not there. */
  readonly isAbsent?: (values: Values) => boolean
  /** Which mounts of the type have it; all, unless told. Says why not. */
  readonly refuses?: (mount: Values) => string | undefined
}

/** Objects by name: `<mount>/role/<name>`. */
export interface Collection extends Described {
  readonly is: 'collection'
  /** What one of them is called: `role`. */
  readonly noun: string
  /** The server folds names to lower case. */
  readonly foldsNames: boolean
  /** Into another form than lower case. */
  readonly foldName?: (name: string) => string
  /** What goes with an object that is made anew and does not come back. */
  readonly loses?: string
  /** What goes with an object that is deleted and does not come back, however often it is made anew. */
  readonly losesOnDelete?: string
  /** Earlier than other collections of the mount, which name what it holds. Counted from 0; 2 unless said. */
  readonly turn?: 0 | 1 | 2
  /** Which names there may be; words of letters, digits and _ with . and - inside, unless said. */
  readonly names?: RegExp
  /** Each is a file of its own whose text is this attribute: `<name>.hcl`. */
  readonly text?: string
  /** What is not there is answered with an error of its own, so the list has to say that it is not there. */
  readonly absence?: 'told by the list'
  /** All of them come in the one answer of the collection, and none has an answer of its own. */
  readonly inOneAnswer?: boolean
  /** Names that are there from the start, and nobody's. */
  readonly builtIn?: readonly string[]
  /** Where in that answer. */
  readonly answerKey?: string
}

export interface Contradiction {
  readonly attribute: string
  readonly why: string
}

export type Section = Singleton | Collection

/** A type of mount as data: a new one is a file with such a table and its line in `mount-types/index.ts`. */
export interface MountType {
  /** As the API names it. */
  readonly type: string
  readonly table: Home
  readonly doc: string
  /** Where it always stands. Such a mount is there from the start and is itself not managed. */
  readonly builtInAt?: string
  /** Other names of the type, with the options that they stand for. */
  readonly aliases?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The options that the server works with, whatever was said. */
  readonly canonicalOptions?: (options: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  /** Why a change of options cannot be made in place. */
  readonly optionsReplace?: (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) => string | undefined
  /** By the key of a mount file; of what every server has, by the path of the file that describes it. */
  readonly sections: Readonly<Record<string, Section>>
}
