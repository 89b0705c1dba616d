import { expect } from 'chai'
import type { Attribute } from '../../../src/core/model/entity.ts'
import type { OrderBy, Ordering, Query } from '../../../src/core/query/ast.ts'
import { and, or } from '../../../src/core/query/ast.ts'
import type { Cursor, Store } from '../../../src/store/port.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'
import type { Asked } from './fixtures.ts'
import {
  asking,
  checkFound,
  entity,
  GAUGE,
  gauge,
  ids,
  idsOf,
  property,
  put,
  read,
  rejects,
  remove,
} from './fixtures.ts'

const ofType = (type: string): Query => ({ kind: 'type', type })
const having = (name: string): Query => ({ kind: 'attribute', name })
const ODD = 'https://estran.example/attributes#sea-level.m'

export function readsChapter(open: OpenStore): void {
  describe('a query', () => {
    const opened = useStore(open)
    const fill = (...names: readonly string[]): Promise<unknown> =>
      Promise.all(names.map((name) => put(opened.store, entity(gauge(name)))))

    it('answers in UTF-8 byte order of id', async () => {
      // U+FFFD sorts before U+1F30A by its bytes, and behind it by UTF-16 units; é behind z by both, not by a dictionary.
      const names = ['A', 'Z', 'a', 'z', 'é', '\uFFFD', '\u{1F30A}']
      await fill(...names.toReversed())
      expect(await idsOf(opened.store)).to.deep.equal(names.map(gauge))
      expect(await idsOf(opened.store, { filter: ofType('TideGauge') })).to.deep.equal(names.map(gauge))
      expect(await pages(opened.store, 2)).to.deep.equal(
        [['A', 'Z'], ['a', 'z'], ['é', '\uFFFD'], ['\u{1F30A}']].map((page) => page.map(gauge)),
      )
    })

    it('pages by limit and offset, and says whether there is more', async () => {
      await fill('A', 'B', 'C')
      const page = await opened.store.entities.query(asking({ limit: 2 }))
      expect(ids(page)).to.deep.equal([gauge('A'), gauge('B')])
      expect(page.next).to.deep.equal({ afterId: gauge('B') })
      expect(await opened.store.entities.query(asking({ limit: 2, offset: 1 }))).to.not.have.property('next')
      expect(await idsOf(opened.store, { limit: 2, offset: 2 })).to.deep.equal([gauge('C')])
      expect(await idsOf(opened.store, { limit: 2, offset: 3 })).to.deep.equal([])
      expect(await opened.store.entities.query(asking({ limit: 0 }))).to.deep.equal({ entities: [] })
    })

    it('pages by cursor without repeating or missing what stays, while others write', async () => {
      await fill('B', 'D', 'F', 'H')
      const first = await opened.store.entities.query(asking({ limit: 2 }))
      await Promise.all([
        fill('A', 'C', 'G'),
        remove(opened.store, gauge('D')),
        put(opened.store, entity(gauge('F'), { level: property(1) })),
      ])
      expect(first.next).to.not.equal(undefined)
      const rest = await pages(opened.store, 2, first.next)
      expect([...ids(first), ...rest.flat()]).to.deep.equal(['B', 'D', 'F', 'G', 'H'].map(gauge))
    })

    it('pages through what only evaluation can tell apart', async () => {
      const values = Array.from({ length: 500 }, (_, index) => index)
      await Promise.all(
        values.map((value) =>
          put(opened.store, entity(gauge(String(value).padStart(3, '0')), { level: property(value) })),
        ),
      )
      const filter: Query = {
        kind: 'order',
        path: { attribute: 'level', members: [], keys: [] },
        operator: '>=',
        operand: { kind: 'value', value: 450 },
      }
      const expected = values.slice(450).map((value) => gauge(String(value)))
      await checkFound(opened.store, filter, expected)
      expect((await pages(opened.store, 20, undefined, { filter })).flat()).to.deep.equal(expected)
      expect(await idsOf(opened.store, { filter, offset: 45, limit: 3 })).to.deep.equal(expected.slice(45, 48))
    })

    it('walks far in both directions, whatever is joined', async () => {
      const numbers = Array.from({ length: 700 }, (_, index) => index)
      await Promise.all(
        numbers.map((number) =>
          put(
            opened.store,
            entity(gauge(String(number).padStart(3, '0')), {
              ...(number % 2 === 0 && { type: 'Buoy' }),
              ...(number % 3 === 0 && { scope: '/Finistere/Brest' }),
              ...(number % 100 === 1 && { rare: property(true) }),
              level: { type: 'Property', value: number, ...(number === 651 && { expiresAt: '2026-11-22T09:00:00Z' }) },
            }),
          ),
        ),
      )
      const levels = (operator: '<' | '>=', value: number): Query => ({
        kind: 'order',
        path: { attribute: 'level', members: [], keys: [] },
        operator,
        operand: { kind: 'value', value },
      })
      const port: Query = { kind: 'scope', levels: ['Finistere'], descendants: true }
      const unless = (of: Query): Query => ({ kind: 'not', of })
      const cases: readonly [Query, (number: number) => boolean][] = [
        [and(ofType('Buoy'), having('rare')), () => false],
        [and(ofType('TideGauge'), having('rare')), (number) => number % 100 === 1],
        [and(ofType('TideGauge'), levels('>=', 300)), (number) => number % 2 === 1 && number >= 300 && number !== 651],
        [
          and(levels('>=', 20), levels('<', 690), port),
          (number) => number % 3 === 0 && number >= 20 && number < 690 && number !== 651,
        ],
        [and(unless(port), levels('<', 400)), (number) => number % 3 !== 0 && number < 400],
        [and(port, unless(ofType('Buoy'))), (number) => number % 6 === 3],
        [and(having('level'), port), (number) => number % 3 === 0 && number !== 651],
        [having('level'), (number) => number !== 651],
      ]
      for (const [filter, matches] of cases) {
        const expected = numbers.filter(matches).map((number) => gauge(String(number).padStart(3, '0')))
        const told = JSON.stringify(filter)
        expect(await opened.store.entities.count(asking({ filter })), told).to.equal(expected.length)
        for (const descending of [false, true]) {
          const order = { by: [{ kind: 'id', descending }] } as const
          const inOrder = descending ? expected.toReversed() : expected
          expect((await pages(opened.store, 90, undefined, { filter, order })).flat(), told).to.deep.equal(inOrder)
          expect(await idsOf(opened.store, { filter, order, offset: 110, limit: 30 }), told).to.deep.equal(
            inOrder.slice(110, 140),
          )
        }
      }
    })

    it('sees each type of an entity, and the types of today alone', async () => {
      await put(opened.store, entity(GAUGE, { type: ['TideGauge', 'Device'] }))
      await put(opened.store, entity(gauge('Roscoff')))
      await checkFound(opened.store, ofType('TideGauge'), [GAUGE, gauge('Roscoff')])
      await checkFound(opened.store, ofType('Device'), [GAUGE])
      await checkFound(opened.store, and(ofType('TideGauge'), ofType('Device')), [GAUGE])
      await checkFound(opened.store, or(ofType('TideGauge'), ofType('Device')), [GAUGE, gauge('Roscoff')])
      await put(opened.store, entity(GAUGE, { type: 'Buoy' }))
      await checkFound(opened.store, ofType('TideGauge'), [gauge('Roscoff')])
      await checkFound(opened.store, ofType('Device'), [])
      await checkFound(opened.store, ofType('Buoy'), [GAUGE])
      await remove(opened.store, GAUGE)
      await checkFound(opened.store, ofType('Buoy'), [])
      await checkFound(opened.store, ofType('Unheard'), [])
    })

    it('takes ids, attributes and their combinations', async () => {
      await put(opened.store, entity(gauge('A'), { [ODD]: property(1) }))
      await put(opened.store, entity(gauge('B'), { level: property(ODD) }))
      await put(opened.store, entity(gauge('C'), { level: { type: 'Property', value: { [ODD]: 1 } } }))
      const only = (...names: readonly string[]): Query => ({ kind: 'ids', ids: names.map(gauge) })
      await checkFound(opened.store, only('C', 'A', 'A', 'Z'), [gauge('A'), gauge('C')])
      await checkFound(opened.store, only(), [])
      await checkFound(opened.store, having(ODD), [gauge('A')])
      await checkFound(opened.store, { kind: 'not', of: having(ODD) }, [gauge('B'), gauge('C')])
      await checkFound(opened.store, or(having(ODD), only('B')), [gauge('A'), gauge('B')])
      await checkFound(opened.store, and(having('level'), only('A', 'B')), [gauge('B')])
      await checkFound(opened.store, or(ofType('Unheard'), having(ODD)), [gauge('A')])
      await checkFound(opened.store, { kind: 'or', of: [] }, [])
      await checkFound(opened.store, having('id'), [])
    })

    it('is answered from the space alone that it asks for', async () => {
      await put(opened.store, entity(gauge('A')), { space: 'brest', createsSpace: true })
      await put(opened.store, entity(gauge('B')))
      expect(await idsOf(opened.store, { space: 'brest' })).to.deep.equal([gauge('A')])
      expect(await idsOf(opened.store, { filter: ofType('TideGauge') })).to.deep.equal([gauge('B')])
    })
  })

  describe('entities by their ids', () => {
    const opened = useStore(open)
    const many = async (names: readonly string[], asked: Asked = {}): Promise<readonly string[]> => {
      const found = await opened.store.entities.getMany(asking(asked), names.map(gauge))
      for (const [id, stored] of found) expect(stored.id).to.equal(id)
      return [...found.keys()].toSorted()
    }

    it('are those that are there, match and may be seen', async () => {
      await put(opened.store, entity(gauge('A'), { level: property(1) }))
      await put(opened.store, entity(gauge('B'), { type: 'Buoy' }))
      await put(opened.store, entity(gauge('C'), { level: property(2) }))
      await put(opened.store, entity(gauge('D')), { space: 'brest', createsSpace: true })
      await remove(opened.store, gauge('C'))
      const names = ['A', 'B', 'C', 'D', 'A', 'Z']
      expect(await many(names)).to.deep.equal([gauge('A'), gauge('B')])
      expect(await many(names, { filter: ofType('Buoy') })).to.deep.equal([gauge('B')])
      expect(await many(names, { visibility: having('level') })).to.deep.equal([gauge('A')])
      expect(await many(names, { space: 'brest' })).to.deep.equal([gauge('D')])
      expect(await many([])).to.deep.equal([])
      await rejects(opened.store.entities.getMany(asking({ space: 'unheard' }), [GAUGE]), 'NonexistentTenant')
    })

    it('are without what has expired (4.22)', async () => {
      const level: Attribute = { type: 'Property', value: 1, expiresAt: '2026-11-22T09:00:00Z' }
      await put(opened.store, entity(gauge('A'), { level, name: property('Brest') }))
      await put(opened.store, entity(gauge('B'), { expiresAt: '2026-11-22T09:00:00Z' }))
      const found = await opened.store.entities.getMany(asking(), [gauge('A'), gauge('B')])
      expect([...found.keys()]).to.deep.equal([gauge('A')])
      expect(JSON.parse(found.get(gauge('A'))?.text ?? '')).to.have.all.keys('id', 'type', 'name')
    })
  })

  describe('an order', () => {
    const opened = useStore(open)
    const by = (...criteria: readonly OrderBy[]): { readonly order: Ordering } => ({ order: { by: criteria } })
    const levels = { kind: 'path', path: { attribute: 'level', members: [], keys: [] }, descending: true } as const

    it('by value is total, and pages by offset fit together (4.23)', async () => {
      const names = Array.from({ length: 30 }, (_, index) => String(index).padStart(2, '0'))
      await Promise.all(
        names.map((name, index) => put(opened.store, entity(gauge(name), { level: property(index % 3) }))),
      )
      const expected = [2, 1, 0].flatMap((rest) => names.filter((_, index) => index % 3 === rest).map(gauge))
      const found: string[] = []
      for (let offset = 0; offset < 30; offset += 7) {
        const page = await opened.store.entities.query(asking({ ...by(levels), limit: 7, offset }))
        expect(page.next !== undefined).to.equal(offset + 7 < 30)
        found.push(...ids(page))
      }
      expect(found).to.deep.equal(expected)
    })

    it('by id goes both ways, with cursors (4.23)', async () => {
      await Promise.all(
        ['A', 'B', 'C', 'D', 'E'].map((name, index) =>
          put(opened.store, entity(gauge(name), { type: index % 2 === 0 ? 'Buoy' : 'TideGauge' })),
        ),
      )
      const down = by({ kind: 'id', descending: true })
      const types = or(ofType('Buoy'), ofType('TideGauge'))
      for (const filter of [asking().filter, types, ofType('Buoy')]) {
        const downwards = (await idsOf(opened.store, { filter })).toReversed()
        expect(await idsOf(opened.store, { ...down, filter })).to.deep.equal(downwards)
        expect(await idsOf(opened.store, { ...down, filter, offset: 1, limit: 2 })).to.deep.equal(downwards.slice(1, 3))
        const first = await opened.store.entities.query(asking({ ...down, filter, limit: 2 }))
        const after = first.next ?? { afterId: '' }
        expect(await idsOf(opened.store, { ...down, filter, after })).to.deep.equal(downwards.slice(2))
      }
    })
  })

  describe('the visibility filter', () => {
    const opened = useStore(open)

    it('narrows get, query and count, whatever the filter', async () => {
      await put(opened.store, entity(gauge('A'), { level: property(1) }))
      await put(opened.store, entity(gauge('B')))
      const visibility = having('level')
      for (const filter of [
        asking().filter,
        ofType('TideGauge'),
        { kind: 'ids', ids: [gauge('A'), gauge('B')] } as const,
      ]) {
        expect(await idsOf(opened.store, { filter, visibility })).to.deep.equal([gauge('A')])
        expect(await opened.store.entities.count(asking({ filter, visibility }))).to.equal(1)
        expect(await read(opened.store, gauge('A'), { filter, visibility })).to.not.equal(undefined)
        expect(await read(opened.store, gauge('B'), { filter, visibility })).to.equal(undefined)
      }
    })

    it('does not give way to a filter that matches', async () => {
      await put(opened.store, entity(GAUGE))
      expect(await read(opened.store, GAUGE, { filter: ofType('TideGauge'), visibility: ofType('Buoy') })).to.equal(
        undefined,
      )
      expect(await read(opened.store, GAUGE, { filter: ofType('Buoy') })).to.equal(undefined)
    })
  })
}

/** The ids of all pages that follow each other by their cursors. */
async function pages(
  store: Store,
  limit: number,
  after?: Cursor,
  asked: Asked = {},
): Promise<readonly (readonly string[])[]> {
  const found: (readonly string[])[] = []
  for (let next = after, more = true; more;) {
    const page = await store.entities.query(asking({ ...asked, limit, ...(next && { after: next }) }))
    found.push(ids(page))
    next = page.next
    more = next !== undefined
  }
  return found
}
