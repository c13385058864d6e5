import type { SourceFile } from '../../kernel/index.ts'
import { parseHcl } from './parser.ts'
import type { Parsed } from './refusal.ts'
import type { HclTree } from './tree.ts'

/** Either form: HCL, or JSON where the first character that is no blank is `{`. */
export const parseText = (source: SourceFile): Parsed<HclTree> => parseHcl(source)
