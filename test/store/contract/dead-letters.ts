import { expect } from 'chai'
import { timeKeyOfMicros } from '../../../src/base/time.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { DeadLetter, DeadLetterFilter } from '../../../src/store/outbox-port.ts'
import type { Store } from '../../../src/store/port.ts'
import { entity, gauge, NOW, NOW_MICROS, put } from './fixtures.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'

const HARBOUR = 'urn:ngsi-ld:Subscription:harbour'
const PILOTS = 'urn:ngsi-ld:Subscription:pilots'

const second = (step: number): string => timeKeyOfMicros(NOW_MICROS + step * 1_000_000)

/** Gives up what is owed for three entities: two to the harbour, one to the pilots of Brest. */
async function giveUpThree(store: Store): Promise<void> {
  for (const [step, [space, subscription]] of [
    [DEFAULT_SPACE, HARBOUR],
    [DEFAULT_SPACE, HARBOUR],
    ['brest', PILOTS],
  ].entries()) {
    if (space === undefined || subscription === undefined) continue
    const written = await put(store, entity(gauge(String(step))), { space, createsSpace: true, notify: [subscription] })
    const deadLetter = { reason: 'HTTP status 422', attempts: step + 1, at: second(step) }
    const letter = { space, entity: gauge(String(step)), version: written.result, subscription, deadLetter }
    await store.outbox.settle([letter])
    // Twice changes nothing.
    await store.outbox.settle([{ ...letter, deadLetter: { ...deadLetter, attempts: 99 } }])
  }
}

export function deadLettersChapter(open: OpenStore): void {
  describe('dead letters', () => {
    const opened = useStore(open)
    const list = (filter: DeadLetterFilter = {}): Promise<readonly DeadLetter[]> =>
      opened.store.deadLetters.list({ ...filter, limit: 10 })
    const entitiesOf = (letters: readonly DeadLetter[]): readonly string[] =>
      letters.map(({ delivery }) => delivery.record.entity)

    beforeEach(() => giveUpThree(opened.store))

    it('are off the outbox and kept with the reason and the record, oldest first, over a reopening', async () => {
      const store = await opened.opened.reopen()
      expect(await store.outbox.owed()).to.deep.equal([])
      const letters = await store.deadLetters.list({ limit: 10 })
      expect(entitiesOf(letters)).to.deep.equal(['0', '1', '2'].map(gauge))
      expect(letters[1]).to.deep.include({ reason: 'HTTP status 422', attempts: 2, at: second(1) })
      expect(letters[2]?.delivery).to.deep.include({ subscription: PILOTS })
      expect(letters[2]?.delivery.record).to.include({ space: 'brest', version: NOW_MICROS })
    })

    it('are found by space, subscription and notification, a page at a time', async () => {
      expect(entitiesOf(await list({ space: 'brest' }))).to.deep.equal([gauge('2')])
      expect(entitiesOf(await list({ subscription: HARBOUR }))).to.deep.equal([gauge('0'), gauge('1')])
      expect(await list({ space: 'brest', subscription: HARBOUR })).to.deep.equal([])
      expect(await list({ space: 'nowhere' })).to.deep.equal([])
      const [first] = await opened.store.deadLetters.list({ limit: 1 })
      const notification = first?.delivery.notification ?? ''
      expect((await list({ notification })).map(({ delivery }) => delivery.notification)).to.include(notification)
      const after = first?.cursor ?? ''
      expect(entitiesOf(await opened.store.deadLetters.list({ after, limit: 1 }))).to.deep.equal([gauge('1')])
      expect(await opened.store.deadLetters.count({})).to.equal(3)
      expect(await opened.store.deadLetters.count({ subscription: HARBOUR })).to.equal(2)
    })

    it('go when they are removed, those alone that are meant', async () => {
      expect(await opened.store.deadLetters.remove({ space: 'brest', subscription: HARBOUR })).to.equal(0)
      expect(await opened.store.deadLetters.remove({ subscription: HARBOUR })).to.equal(2)
      expect(entitiesOf(await list())).to.deep.equal([gauge('2')])
      expect(await opened.store.deadLetters.remove({})).to.equal(1)
    })

    it('are bounded by age and number, the oldest going first', async () => {
      expect(await opened.store.deadLetters.trim({ before: NOW, most: 3 })).to.equal(0)
      expect(await opened.store.deadLetters.trim({ before: second(1), most: 3 })).to.equal(1)
      expect(await opened.store.deadLetters.trim({ before: NOW, most: 1 })).to.equal(1)
      expect(entitiesOf(await list())).to.deep.equal([gauge('2')])
    })
  })
}
