/** The contract of the store port (`src/store/port.ts`), as tests that every adapter runs. */
import { closingChapter } from './closing.ts'
import { deadLettersChapter } from './dead-letters.ts'
import { differentialChapter } from './differential.ts'
import { discoveryChapter } from './discovery.ts'
import { documentsChapter } from './documents.ts'
import { expiryChapter } from './expiry.ts'
import { leasesChapter } from './leases.ts'
import { logChapter } from './log.ts'
import type { OpenStore } from './opened.ts'
import { outboxChapter } from './outbox.ts'
import { readsChapter } from './reads.ts'
import { spacesChapter } from './spaces.ts'
import { writesChapter } from './writes.ts'

/** Runs the whole contract on one adapter. `open` makes a store on a database of its own. */
export function storeContract(name: string, open: OpenStore): void {
  describe(`the store contract on ${name}`, () => {
    writesChapter(open)
    spacesChapter(open)
    readsChapter(open)
    expiryChapter(open)
    discoveryChapter(open)
    logChapter(open)
    outboxChapter(open)
    leasesChapter(open)
    deadLettersChapter(open)
    documentsChapter(open)
    differentialChapter(open)
    closingChapter(open)
  })
}
