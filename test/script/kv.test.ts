import { describe } from 'vitest'
import { duel } from './duel.ts'

describe("the command line and the peer's, over peer/kv.txt", () => {
  duel('kv')
})
