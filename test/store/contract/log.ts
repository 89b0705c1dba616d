import { expect } from 'chai'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import { entity, GAUGE, gauge, history, NOW_MICROS, property, put, remove } from './fixtures.ts'

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
}
