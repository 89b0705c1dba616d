import { expect } from 'chai'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import {
  asking,
  changeTo,
  create,
  entity,
  GAUGE,
  gauge,
  history,
  idsOf,
  NOW_MICROS,
  property,
  put,
  read,
  refuse,
  rejects,
  remove,
} from './fixtures.ts'

const BREST = { space: 'brest', createsSpace: true }
const ROSCOFF = { space: 'roscoff', createsSpace: true }

/** Clauses 4.14 and 5.5.10. */
export function spacesChapter(open: OpenStore): void {
  describe('a space', () => {
    const opened = useStore(open)

    it('is there from the start when it is the default one', async () => {
      expect(await opened.store.spaces.has(DEFAULT_SPACE)).to.equal(true)
      expect(await idsOf(opened.store)).to.deep.equal([])
    })

    it('does not exist before something is created in it', async () => {
      const unknown = asking({ space: 'brest' })
      expect(await opened.store.spaces.has('brest')).to.equal(false)
      await rejects(opened.store.entities.get(unknown, GAUGE), 'NonexistentTenant')
      await rejects(opened.store.entities.query(unknown), 'NonexistentTenant')
      await rejects(opened.store.entities.query({ ...unknown, limit: 0 }), 'NonexistentTenant')
      await rejects(opened.store.entities.count(unknown), 'NonexistentTenant')
      await rejects(put(opened.store, entity(GAUGE), { space: 'brest' }), 'NonexistentTenant')
    })

    it('comes into being with a create, and stays', async () => {
      await create(opened.store, entity(GAUGE), BREST)
      expect(await opened.store.spaces.has('brest')).to.equal(true)
      await remove(opened.store, GAUGE, { space: 'brest' })
      const store = await opened.opened.reopen()
      expect(await store.spaces.has('brest')).to.equal(true)
      expect(await idsOf(store, { space: 'brest' })).to.deep.equal([])
    })

    it('does not come into being by what is refused or changes nothing', async () => {
      await rejects(opened.store.entities.submit(changeTo(GAUGE, refuse, BREST)), 'BadRequestData')
      await opened.store.entities.submit({
        ...{ space: 'brest', id: GAUGE, micros: NOW_MICROS, createsSpace: true },
        decide: () => ({ result: undefined }),
      })
      expect(await opened.store.spaces.has('brest')).to.equal(false)
    })

    it('comes into being once by many creates of one turn', async () => {
      await Promise.all(['A', 'B', 'C'].map((name) => create(opened.store, entity(gauge(name)), BREST)))
      expect(await idsOf(opened.store, { space: 'brest' })).to.have.length(3)
    })

    it('shares no entity, no history and no count with another', async () => {
      await create(opened.store, entity(GAUGE, { level: property(1) }), BREST)
      await create(opened.store, entity(GAUGE, { level: property(2) }), ROSCOFF)
      await remove(opened.store, GAUGE, { space: 'roscoff' })
      expect(await read(opened.store, GAUGE, { space: 'brest' })).to.have.nested.property('level.value', 1)
      expect(await read(opened.store, GAUGE, { space: 'roscoff' })).to.equal(undefined)
      expect(await read(opened.store, GAUGE)).to.equal(undefined)
      expect(await history(opened.store, GAUGE, 'brest')).to.have.length(1)
      expect(await history(opened.store, GAUGE, 'roscoff')).to.have.length(2)
      expect(await opened.store.entities.count(asking({ space: 'brest' }))).to.equal(1)
      expect(
        await opened.store.entities.count(asking({ space: 'roscoff', filter: { kind: 'type', type: 'TideGauge' } })),
      ).to.equal(0)
    })

    it('is told apart from a space and id that join to the same text', async () => {
      await create(opened.store, entity('a:b'), { space: 'x', createsSpace: true })
      await create(opened.store, entity(':b'), { space: 'xa', createsSpace: true })
      expect(await idsOf(opened.store, { space: 'x' })).to.deep.equal(['a:b'])
      expect(await idsOf(opened.store, { space: 'xa' })).to.deep.equal([':b'])
    })

    it('is another when its name differs by case', async () => {
      await create(opened.store, entity(GAUGE), BREST)
      expect(await opened.store.spaces.has('Brest')).to.equal(false)
    })
  })
}
