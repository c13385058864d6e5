import type { MountTable, Values } from '../model/index.ts'
import type { Shape } from './attribute.ts'

/** An object that is there with its mount, at one fixed path: `<mount>/config`. */
export interface Singleton {
  readonly is: 'singleton'
  readonly doc: string
  /** Below the mount. */
  readonly path: string
  readonly shape: Shape
  /** Which mounts of the type have it; all, unless told. Says why not. */
  readonly refuses?: (mount: Values) => string | undefined
}

/** Objects by name: `<mount>/role/<name>`. */
export interface Collection {
  readonly is: 'collection'
  readonly doc: string
  readonly path: string
  /** What one of them is called: `role`. */
  readonly noun: string
  readonly shape: Shape
  /** The server folds names to lower case. */
  readonly foldsNames: boolean
  /** What the server would refuse although each value is right by itself: attribute and words. */
  readonly contradictions?: (values: Values) => readonly Contradiction[]
  /** What goes with an object that is made anew and does not come back. */
  readonly loses?: string
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
  readonly table: MountTable
  readonly doc: string
  /** Where it always stands. Such a mount is there from the start and is itself not managed. */
  readonly builtInAt?: string
  /** Other names of the type, with the options that they stand for. */
  readonly aliases?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The options that the server works with, whatever was said. */
  readonly canonicalOptions?: (options: Readonly<Record<string, string>>) => Readonly<Record<string, string>>
  /** Why a change of options cannot be made in place. */
  readonly optionsReplace?: (before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) => string | undefined
  /** By the key of a mount file. */
  readonly sections: Readonly<Record<string, Section>>
}
