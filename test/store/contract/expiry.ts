import { expect } from 'chai'
import type { Entity } from '../../../src/core/model/entity.ts'
import type { Query } from '../../../src/core/query/ast.ts'
import { and, or } from '../../../src/core/query/ast.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import {
  asking,
  changeTo,
  checkFound,
  entity,
  GAUGE,
  gauge,
  idsOf,
  NOW,
  property,
  put,
  read,
  remove,
} from './fixtures.ts'

const EARLIER = '2026-11-22T09:29:59.999999Z'
const SOON = '2026-11-22T10:00:00.000000Z'
const LATER = '2026-11-22T11:00:00.000000Z'
const LAST = '2026-11-22T12:00:00.000000Z'
const having = (name: string): Query => ({ kind: 'attribute', name })
const ofType = (type: string): Query => ({ kind: 'type', type })

/** Clause 4.22. */
export function expiryChapter(open: OpenStore): void {
  describe('what has expired', () => {
    const opened = useStore(open)

    it('is absent as an entity from its instant on, for get, query and count', async () => {
      await put(opened.store, entity(GAUGE, { expiresAt: SOON }))
      await put(opened.store, entity(gauge('Roscoff')))
      await checkFound(opened.store, ofType('TideGauge'), [GAUGE, gauge('Roscoff')], NOW)
      expect(await read(opened.store, GAUGE, { now: NOW })).to.not.equal(undefined)
      await checkFound(opened.store, ofType('TideGauge'), [gauge('Roscoff')], SOON)
      await checkFound(opened.store, asking().filter, [gauge('Roscoff')], LATER)
      expect(await read(opened.store, GAUGE, { now: SOON })).to.equal(undefined)
    })

    it('is absent as an attribute, and the next expiry is told', async () => {
      const lasting = entity(GAUGE, { level: property(1), surge: property(2, { expiresAt: LATER }) })
      await put(opened.store, { ...lasting, temperature: property(12, { expiresAt: SOON }) })
      const { entities } = await opened.store.entities.query(asking({ now: SOON }))
      const one = await opened.store.entities.get(asking({ now: SOON }), GAUGE)
      expect(entities).to.deep.equal([one])
      expect(one).to.have.property('expires', LATER)
      expect(JSON.parse(one?.text ?? '')).to.deep.equal(lasting)
      expect(await opened.store.entities.get(asking({ now: NOW }), GAUGE)).to.have.property('expires', SOON)
    })

    it('does not count for the filter, negated or not', async () => {
      await put(opened.store, entity(gauge('A'), { level: property(1, { expiresAt: SOON }) }))
      await put(opened.store, entity(gauge('B'), { level: property(1) }))
      await put(opened.store, entity(gauge('C')))
      const not = (of: Query): Query => ({ kind: 'not', of })
      await checkFound(opened.store, having('level'), [gauge('A'), gauge('B')], NOW)
      await checkFound(opened.store, having('level'), [gauge('B')], LATER)
      await checkFound(opened.store, not(having('level')), [gauge('A'), gauge('C')], LATER)
      await checkFound(opened.store, not(not(having('level'))), [gauge('B')], LATER)
      await checkFound(opened.store, and(ofType('TideGauge'), not(having('level'))), [gauge('A'), gauge('C')], LATER)
      await checkFound(opened.store, not(or(having('level'), ofType('Buoy'))), [gauge('A'), gauge('C')], LATER)
      expect(await read(opened.store, gauge('A'), { filter: having('level'), now: LATER })).to.equal(undefined)
    })

    it('neither fills nor shortens a page', async () => {
      const expiring = { expiresAt: SOON }
      for (const name of ['A', 'C', 'E']) await put(opened.store, entity(gauge(name), expiring))
      for (const name of ['B', 'D', 'F']) await put(opened.store, entity(gauge(name)))
      const page = await opened.store.entities.query(asking({ now: SOON, limit: 2, filter: ofType('TideGauge') }))
      expect(page.entities.map(({ id }) => id)).to.deep.equal([gauge('B'), gauge('D')])
      expect(page.next).to.not.equal(undefined)
      expect(await idsOf(opened.store, { now: SOON, limit: 2, offset: 1, filter: ofType('TideGauge') })).to.deep.equal([
        gauge('D'),
        gauge('F'),
      ])
    })

    it('is still handed over to a change', async () => {
      await put(opened.store, entity(GAUGE, { expiresAt: EARLIER }))
      const seen: (Entity | undefined)[] = []
      await opened.store.entities.submit(changeTo(GAUGE, (before) => (seen.push(before), entity(GAUGE))))
      expect(seen).to.deep.equal([entity(GAUGE, { expiresAt: EARLIER })])
    })

    it('leaves no type behind when it is created anew', async () => {
      await put(opened.store, entity(GAUGE, { expiresAt: EARLIER }))
      await put(opened.store, entity(GAUGE, { type: 'Buoy' }))
      await checkFound(opened.store, ofType('TideGauge'), [])
      await checkFound(opened.store, ofType('Buoy'), [GAUGE])
    })

    it('is on the work list of the sweeper, of all spaces, until it is gone', async () => {
      await put(opened.store, entity(gauge('A'), { expiresAt: LATER }))
      await put(opened.store, entity(gauge('B'), { level: property(1, { expiresAt: SOON }) }), {
        space: 'brest',
        createsSpace: true,
      })
      await put(opened.store, entity(gauge('C'), { expiresAt: LAST }))
      await put(opened.store, entity(gauge('D')))
      const list = async (now: string, limit = 10): Promise<readonly string[]> =>
        (await opened.store.entities.expired(now, limit)).map(({ space, id }) => `${space} ${id}`).toSorted()
      expect(await list(NOW)).to.deep.equal([])
      expect(await list(SOON)).to.deep.equal([`brest ${gauge('B')}`])
      expect(await list(LATER)).to.deep.equal([` ${gauge('A')}`, `brest ${gauge('B')}`])
      expect(await list(LATER, 1)).to.have.length(1)
      await remove(opened.store, gauge('A'))
      await put(opened.store, entity(gauge('B')), { space: 'brest' })
      expect(await list(LATER)).to.deep.equal([])
    })
  })
}
