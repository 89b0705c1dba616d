import { expect } from 'chai'
import { timeKeyOfMicros } from '../../../src/base/time.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { DueDelivery, HistoryRequest } from '../../../src/store/outbox-port.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import { entity, GAUGE, gauge, history, NOW, NOW_MICROS, property, put, remove } from './fixtures.ts'

export function logChapter(open: OpenStore): void {
  describe('the log of an entity', () => {
    const opened = useStore(open)

    it('holds every life in version order, deletions included', async () => {
      await put(opened.store, entity(GAUGE, { level: property(1) }))
      await put(opened.store, entity(gauge('Roscoff')))
      await put(opened.store, entity(GAUGE, { level: property(2) }))
      await remove(opened.store, GAUGE)
      await put(opened.store, entity(GAUGE))
      const records = await history(opened.store, GAUGE)
      expect(records.map(({ change }) => change)).to.deep.equal(['created', 'updated', 'deleted', 'created'])
      expect(records.map(({ version }) => version)).to.deep.equal([0, 1, 2, 3].map((step) => NOW_MICROS + step))
      expect(records.every((record) => record.entity === GAUGE && record.space === DEFAULT_SPACE)).to.equal(true)
    })

    it('is read on from a version, so many at a time', async () => {
      for (const value of [0, 1, 2, 3]) await put(opened.store, entity(GAUGE, { level: property(value) }))
      const from = (afterVersion: number, limit: number): Promise<readonly { version: number }[]> =>
        opened.store.log.ofEntity({ space: DEFAULT_SPACE, entity: GAUGE, afterVersion, limit })
      expect((await from(0, 2)).map(({ version }) => version - NOW_MICROS)).to.deep.equal([0, 1])
      expect((await from(NOW_MICROS + 1, 2)).map(({ version }) => version - NOW_MICROS)).to.deep.equal([2, 3])
      expect(await from(NOW_MICROS + 3, 2)).to.deep.equal([])
    })

    it('is empty for what never was', async () => {
      expect(await history(opened.store, gauge('Nowhere'))).to.deep.equal([])
    })
  })
  describe('the log of a subscription', () => {
    const opened = useStore(open)
    const HARBOUR = 'urn:ngsi-ld:Subscription:harbour'
    const PILOTS = 'urn:ngsi-ld:Subscription:pilots'

    const ofHarbour = (asked: Partial<HistoryRequest> = {}): Promise<readonly DueDelivery[]> =>
      opened.store.log.ofSubscription({ space: DEFAULT_SPACE, subscription: HARBOUR, limit: 100, ...asked })

    const valuesOf = (found: readonly DueDelivery[]): readonly unknown[] =>
      found.map(({ record }) => record.attributes[0]?.instance?.value)

    it('holds what it was ever owed and nothing else, settled or not, over a reopening', async () => {
      for (const value of [1, 2, 3]) {
        const notify = value === 2 ? [PILOTS] : [HARBOUR, PILOTS]
        await put(opened.store, entity(GAUGE, { level: property(value) }), { notify })
      }
      await put(opened.store, entity(GAUGE), { space: 'brest', createsSpace: true, notify: [HARBOUR] })
      const owed = await opened.store.outbox.due({ space: DEFAULT_SPACE, subscription: HARBOUR, limit: 100 })
      expect(await ofHarbour()).to.deep.equal(owed)
      expect(valuesOf(owed)).to.deep.equal([1, 3])
      const settled = owed.map(({ record: { space, version } }) => {
        return { space, entity: GAUGE, version, subscription: HARBOUR }
      })
      await opened.store.outbox.settle(settled)
      await opened.opened.reopen()
      expect(await ofHarbour()).to.deep.equal(owed)
      expect(
        await opened.store.log.ofSubscription({ space: 'quimper', subscription: HARBOUR, limit: 9 }),
      ).to.have.length(0)
    })

    it('is read on from a position, so many at a time', async () => {
      for (const value of [1, 2, 3, 4]) {
        await put(opened.store, entity(gauge(String(value)), { level: property(value) }), { notify: [HARBOUR] })
      }
      const [first, second] = await ofHarbour({ limit: 2 })
      expect(valuesOf(await ofHarbour({ limit: 2 }))).to.deep.equal([1, 2])
      expect(valuesOf(await ofHarbour({ limit: 2, after: second?.position ?? '' }))).to.deep.equal([3, 4])
      expect(valuesOf(await ofHarbour({ after: first?.position ?? '' }))).to.deep.equal([2, 3, 4])
    })

    it('has an end, from which on there is nothing, and from before which nothing is missed', async () => {
      const end = (): Promise<string> => opened.store.log.endOf({ space: DEFAULT_SPACE, subscription: HARBOUR })
      const beginning = await end()
      for (const value of [1, 2])
        await put(opened.store, entity(GAUGE, { level: property(value) }), { notify: [HARBOUR] })
      await put(opened.store, entity(GAUGE, { level: property(3) }), { notify: [PILOTS] })
      expect(valuesOf(await ofHarbour({ after: beginning }))).to.deep.equal([1, 2])
      expect(await end()).to.equal((await ofHarbour()).at(-1)?.position)
      expect(await ofHarbour({ after: await end() })).to.deep.equal([])
      const { log, capabilities } = opened.store
      const missed = valuesOf(await ofHarbour({ after: log.before(await end(), 5000) }))
      expect(missed).to.deep.equal(capabilities.manyBrokers ? [1, 2] : [])
      expect(valuesOf(await ofHarbour({ after: log.before(beginning, 5000) }))).to.deep.equal([1, 2])
      for (const text of ['', 'tide', '-1', '1e3', "1'"]) {
        expect(() => log.before(text, 0), text)
          .to.throw()
          .with.property('name', 'InvalidRequest')
      }
    })

    it('is read from a time on, also where versions ran ahead of the time', async () => {
      const later = NOW_MICROS + 3
      // Versions 0, 1, 2, 3, 4 from now on, but the first three requests came at the same time.
      for (const [value, micros] of [NOW_MICROS, NOW_MICROS, NOW_MICROS, NOW_MICROS + 1, later].entries()) {
        await put(opened.store, entity(GAUGE, { level: property(value) }), { notify: [HARBOUR], micros })
      }
      expect(valuesOf(await ofHarbour({ since: NOW }))).to.deep.equal([0, 1, 2, 3, 4])
      const since = timeKeyOfMicros(NOW_MICROS + 1)
      expect(valuesOf(await ofHarbour({ since }))).to.deep.equal([3, 4])
      const [only] = await ofHarbour({ since, limit: 1 })
      expect(only?.record.attributes[0]?.instance?.value).to.equal(3)
      expect(valuesOf(await ofHarbour({ since, after: only?.position ?? '' }))).to.deep.equal([4])
      expect(await ofHarbour({ since: timeKeyOfMicros(later + 1) })).to.deep.equal([])
    })
  })
}
