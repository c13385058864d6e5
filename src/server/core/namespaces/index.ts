/** Namespaces: the tree of them, what is alive in each, and what reaches over their borders. Knows the rest of core but its pipeline. */
export { type RealmParts, type Realm } from './realm.ts'
export { Realms } from './realms.ts'
export { ledTo } from './led.ts'
export { refuseOutsideRoot, refuseWithoutSeal } from './restricted.ts'
