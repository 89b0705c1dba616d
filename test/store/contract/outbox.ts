import { expect } from 'chai'
import { timeKeyOfMicros } from '../../../src/base/time.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { DueDelivery, Settlement } from '../../../src/store/outbox-port.ts'
import type { Store } from '../../../src/store/port.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import { entity, GAUGE, gauge, history, NOW, NOW_MICROS, property, put, remove } from './fixtures.ts'

const HARBOUR = 'urn:ngsi-ld:Subscription:harbour'
const PILOTS = 'urn:ngsi-ld:Subscription:pilots'

function due(store: Store, subscription: string, limit = 100): Promise<readonly DueDelivery[]> {
  return store.outbox.due({ space: DEFAULT_SPACE, subscription, limit })
}

function settlementOf({ record, subscription }: DueDelivery): Settlement {
  return { space: record.space, entity: record.entity, version: record.version, subscription }
}

const failed = { reason: 'connection refused', attempts: 5, at: NOW }

export function outboxChapter(open: OpenStore): void {
  describe('the outbox', () => {
    const opened = useStore(open)

    it('owes what committed records say, with the record and the notification id, over a reopening', async () => {
      await put(opened.store, entity(GAUGE, { level: property(1) }), { notify: [HARBOUR, PILOTS] })
      const [record] = await history(opened.store, GAUGE)
      const check = async (store: Store): Promise<void> => {
        for (const subscription of [HARBOUR, PILOTS]) {
          const [delivery, ...more] = await due(store, subscription)
          expect(more).to.deep.equal([])
          expect(delivery).to.deep.include({
            record,
            subscription,
            notification: `${subscription}#${String(NOW_MICROS)}`,
          })
        }
      }
      expect(record).to.have.nested.property('due.notifications').with.length(2)
      await check(opened.store)
      await check(await opened.opened.reopen())
    })

    it('owes nothing for records without notifications, nor in another space', async () => {
      await put(opened.store, entity(GAUGE))
      await put(opened.store, entity(GAUGE), { space: 'brest', createsSpace: true, notify: [HARBOUR] })
      expect(await due(opened.store, HARBOUR)).to.deep.equal([])
      expect(await opened.store.outbox.owed()).to.deep.equal([{ space: 'brest', subscription: HARBOUR }])
    })

    it('is in version order per entity, and read on from a position', async () => {
      await Promise.all(
        [1, 2, 3].map((level) => put(opened.store, entity(GAUGE, { level: property(level) }), { notify: [HARBOUR] })),
      )
      await remove(opened.store, GAUGE, { notify: [HARBOUR] })
      const found = await due(opened.store, HARBOUR)
      expect(found.map(({ record }) => record.version - NOW_MICROS)).to.deep.equal([0, 1, 2, 3])
      expect(found.at(-1)?.record.due?.text).to.equal(JSON.stringify(entity(GAUGE, { level: property(3) })))
      const first = await due(opened.store, HARBOUR, 2)
      expect(first).to.deep.equal(found.slice(0, 2))
      const after = first.at(-1)?.position ?? ''
      const rest = await opened.store.outbox.due({ space: DEFAULT_SPACE, subscription: HARBOUR, after, limit: 100 })
      expect(rest).to.deep.equal(found.slice(2))
    })

    it('forgets what is settled, for good, and for that subscription alone', async () => {
      await put(opened.store, entity(GAUGE), { notify: [HARBOUR, PILOTS] })
      await put(opened.store, entity(gauge('Roscoff')), { notify: [HARBOUR] })
      const [first] = await due(opened.store, HARBOUR)
      const settlements = first === undefined ? [] : [settlementOf(first)]
      expect(settlements).to.have.length(1)
      await opened.store.outbox.settle(settlements)
      await opened.store.outbox.settle(settlements)
      const store = await opened.opened.reopen()
      expect((await due(store, HARBOUR)).map(({ record }) => record.entity)).to.deep.equal([gauge('Roscoff')])
      expect(await due(store, PILOTS)).to.have.length(1)
      expect(await history(store, GAUGE)).to.have.length(1)
    })

    it('names the subscriptions that are owed anything', async () => {
      await put(opened.store, entity(GAUGE), { notify: [HARBOUR, PILOTS] })
      await put(opened.store, entity(GAUGE), { notify: [HARBOUR] })
      const owed = async (): Promise<readonly string[]> =>
        (await opened.store.outbox.owed()).map(({ subscription }) => subscription).toSorted()
      expect(await owed()).to.deep.equal([HARBOUR, PILOTS])
      await opened.store.outbox.settle((await due(opened.store, HARBOUR)).map(settlementOf))
      expect(await owed()).to.deep.equal([PILOTS])
    })

    it('settles nothing where nothing is owed', async () => {
      await opened.store.outbox.settle([])
      const nowhere = { space: 'brest', entity: GAUGE, version: 1, subscription: HARBOUR }
      await opened.store.outbox.settle([nowhere, { ...nowhere, space: DEFAULT_SPACE, deadLetter: failed }])
      expect(await opened.store.deadLetters.list({ space: DEFAULT_SPACE, limit: 10 })).to.deep.equal([])
      expect(await opened.store.spaces.has('brest')).to.equal(false)
    })

    it('owes again what was settled, in its old place, and never what it did not owe', async () => {
      for (const value of [1, 2, 3]) {
        const notify = value === 2 ? [PILOTS] : [HARBOUR]
        await put(opened.store, entity(GAUGE, { level: property(value) }), { notify })
      }
      const found = await due(opened.store, HARBOUR)
      const [first, third] = found
      await opened.store.outbox.settle(first === undefined ? [] : [settlementOf(first)])
      const all = [0, 1, 2, 3].map((step) => {
        return { space: DEFAULT_SPACE, entity: GAUGE, version: NOW_MICROS + step, subscription: HARBOUR }
      })
      await opened.store.outbox.owe([])
      await opened.store.outbox.owe(all)
      const store = await opened.opened.reopen()
      expect(await due(store, HARBOUR)).to.deep.equal([{ ...first, isAgain: true }, third])
      await store.outbox.settle(all)
      expect(await due(store, HARBOUR)).to.deep.equal([])
      expect(await due(store, PILOTS)).to.have.length(1)
    })

    it('counts, and drops what is before a time, or beyond a number', async () => {
      for (const value of [0, 1, 2, 3, 4]) {
        const circumstances = { notify: [HARBOUR, PILOTS], micros: NOW_MICROS + value * 1_000_000 }
        await put(opened.store, entity(gauge(String(value))), circumstances)
      }
      const harbour = { space: DEFAULT_SPACE, subscription: HARBOUR }
      const { outbox } = opened.store
      expect(await outbox.count(harbour)).to.equal(5)
      expect(await outbox.count({ ...harbour, space: 'brest' })).to.equal(0)
      expect(await outbox.drop({ ...harbour, most: 5 })).to.equal(0)
      expect(await outbox.drop({ ...harbour, before: NOW })).to.equal(0)
      expect(await outbox.drop({ ...harbour, most: 3 })).to.equal(2)
      const before = timeKeyOfMicros(NOW_MICROS + 3_000_000)
      expect(await outbox.drop({ ...harbour, before })).to.equal(1)
      const left = await due(opened.store, HARBOUR)
      expect(left.map(({ record }) => record.entity)).to.deep.equal([gauge('3'), gauge('4')])
      expect(await outbox.count({ ...harbour, subscription: PILOTS })).to.equal(5)
    })

    it('keeps but the latest of each entity where that is all that is wanted', async () => {
      for (const value of [0, 1, 2]) {
        for (const name of ['A', 'B']) {
          await put(opened.store, entity(gauge(name), { level: property(value) }), { notify: [HARBOUR, PILOTS] })
        }
      }
      const harbour = { space: DEFAULT_SPACE, subscription: HARBOUR }
      expect(await opened.store.outbox.keepLatest(harbour)).to.equal(4)
      expect(await opened.store.outbox.keepLatest(harbour)).to.equal(0)
      const left = await due(opened.store, HARBOUR)
      expect(left.map(({ record }) => record.attributes[0]?.instance?.value)).to.deep.equal([2, 2])
      expect(await due(opened.store, PILOTS)).to.have.length(6)
    })
  })
}
