import { describe } from 'vitest'
import { duel } from './duel.ts'

describe("the command line and the peer's, over peer/namespaces.txt", () => {
  duel('namespaces')
})
