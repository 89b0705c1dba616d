import { expect } from 'chai'
import fc from 'fast-check'
import type { Entity } from '../../../src/core/model/entity.ts'
import { attributeNames, entityTypes, instancesOf } from '../../../src/core/model/entity.ts'
import type { Space } from '../../../src/core/model/space.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { Store, TypedAttribute } from '../../../src/store/port.ts'
import { entities as someEntities } from './arbitraries.ts'
import type { Step } from './fixtures.ts'
import { changeTo, create, entity, GAUGE, gauge, property, put, refuse, rejects, remove } from './fixtures.ts'
import type { OpenStore } from './opened.ts'
import { useStore } from './opened.ts'

/** All that discovery says of a space; lists as sets, so that their order does not count and doubles show. */
interface Found {
  readonly types: Readonly<Record<string, number>>
  readonly attributes: Readonly<Record<string, number>>
  readonly typed: readonly string[]
}

async function discover({ discovery }: Store, space: Space = DEFAULT_SPACE): Promise<Found> {
  const types = await discovery.types(space)
  const attributes = await discovery.attributes(space)
  const count = async (names: readonly string[], of: (space: Space, name: string) => Promise<number>) =>
    Object.fromEntries(await Promise.all(names.map(async (name) => [name, await of(space, name)] as const)))
  expect(types).to.deep.equal([...new Set(types)])
  expect(attributes).to.deep.equal([...new Set(attributes)])
  return {
    types: await count(types, (...asked) => discovery.countEntities(...asked)),
    attributes: await count(attributes, (...asked) => discovery.countInstances(...asked)),
    typed: textsOf(await discovery.typedAttributes({ space })),
  }
}

function textsOf(typed: readonly TypedAttribute[]): readonly string[] {
  return typed.map(({ type, attribute, kind }) => JSON.stringify([type, attribute, kind])).toSorted()
}

/** The same, counted from the entities themselves. */
function recount(entities: readonly Entity[]): Found {
  const types = entities.flatMap((one) => entityTypes(one))
  const instances = entities.flatMap((one) =>
    attributeNames(one).flatMap((name) => instancesOf(one, name).map(({ type: kind }) => ({ one, name, kind }))),
  )
  const typed = instances.flatMap(({ one, name, kind }) =>
    entityTypes(one).map((type) => JSON.stringify([type, name, kind])),
  )
  return {
    types: tally(types),
    attributes: tally(instances.map(({ name }) => name)),
    typed: [...new Set(typed)].toSorted(),
  }
}

function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const groups = Map.groupBy(names, (name) => name)
  return Object.fromEntries(Array.from(groups, ([name, { length }]) => [name, length]))
}

const typedLevel = '["TideGauge","level","Property"]'
const seed = Number(process.env['ESTRAN_SEED'] ?? Math.floor(Math.random() * 0x7fffffff))

/** Clauses 5.7.5 to 5.7.11. */
export function discoveryChapter(open: OpenStore): void {
  describe('discovery', () => {
    const opened = useStore(open)

    it('knows nothing where there is nothing (5.7.5, 5.7.8)', async () => {
      expect(await discover(opened.store)).to.deep.equal({ types: {}, attributes: {}, typed: [] })
      expect(await opened.store.discovery.countEntities(DEFAULT_SPACE, 'TideGauge')).to.equal(0)
      expect(await opened.store.discovery.countInstances(DEFAULT_SPACE, 'level')).to.equal(0)
    })

    it('counts entities by type and instances by attribute (5.7.7, 5.7.10)', async () => {
      await put(opened.store, entity(GAUGE, { level: property(1), name: property('Brest') }))
      await put(opened.store, entity(gauge('Roscoff'), { level: property(2) }))
      await put(opened.store, { id: 'urn:ngsi-ld:Buoy:Iroise', type: 'Buoy' })
      expect(await discover(opened.store)).to.deep.equal({
        types: { TideGauge: 2, Buoy: 1 },
        attributes: { level: 2, name: 1 },
        typed: [typedLevel, '["TideGauge","name","Property"]'],
      })
    })

    it('counts each instance of an attribute, and each once whatever the number of types (4.16, 5.7.10)', async () => {
      const second = { type: 'Property', value: 2, datasetId: 'urn:ngsi-ld:dataset:2' } as const
      const third = { type: 'Relationship', object: GAUGE, datasetId: 'urn:ngsi-ld:dataset:3' } as const
      const level = [{ type: 'Property', value: 1 } as const, second, third]
      await put(opened.store, entity(GAUGE, { type: ['TideGauge', 'Station'], level }))
      await put(opened.store, entity(gauge('Roscoff'), { level: property(2) }))
      const found = await discover(opened.store)
      expect(found.types).to.deep.equal({ TideGauge: 2, Station: 1 })
      expect(found.attributes).to.deep.equal({ level: 4 })
      expect(found.typed).to.deep.equal([
        '["Station","level","Property"]',
        '["Station","level","Relationship"]',
        typedLevel,
        '["TideGauge","level","Relationship"]',
      ])
    })

    it('answers for one type or for one attribute alone (5.7.7, 5.7.10)', async () => {
      await put(opened.store, entity(GAUGE, { level: property(1), name: property('Brest') }))
      await put(opened.store, { id: 'urn:ngsi-ld:Buoy:Iroise', type: 'Buoy', name: property('Iroise') })
      const { discovery } = opened.store
      const of = async (asked: { type?: string; attribute?: string }): Promise<readonly string[]> =>
        textsOf(await discovery.typedAttributes({ space: DEFAULT_SPACE, ...asked }))
      expect(await of({ type: 'Buoy' })).to.deep.equal(['["Buoy","name","Property"]'])
      expect(await of({ attribute: 'name' })).to.deep.equal([
        '["Buoy","name","Property"]',
        '["TideGauge","name","Property"]',
      ])
      expect(await of({ type: 'Buoy', attribute: 'level' })).to.deep.equal([])
      expect(await of({ type: 'Unheard' })).to.deep.equal([])
      expect(await of({ attribute: 'unheard' })).to.deep.equal([])
    })

    it('follows what entities become, over a new start too (5.7.7)', async () => {
      await put(opened.store, entity(GAUGE, { level: property(1) }))
      await opened.opened.reopen()
      await put(opened.store, entity(GAUGE, { level: property(2) }))
      expect((await discover(opened.store)).attributes).to.deep.equal({ level: 1 })
      await put(opened.store, entity(GAUGE, { type: 'Buoy', level: { type: 'Relationship', object: 'urn:a' } }))
      expect(await discover(opened.store)).to.deep.equal({
        types: { Buoy: 1 },
        attributes: { level: 1 },
        typed: ['["Buoy","level","Relationship"]'],
      })
      await opened.opened.reopen()
      await remove(opened.store, GAUGE)
      expect(await discover(opened.store)).to.deep.equal({ types: {}, attributes: {}, typed: [] })
    })

    it('keeps spaces apart, and does not know unknown ones (4.14, 5.5.10)', async () => {
      const { discovery } = opened.store
      await rejects(discovery.types('brest'), 'NonexistentTenant')
      await rejects(discovery.attributes('brest'), 'NonexistentTenant')
      await rejects(discovery.typedAttributes({ space: 'brest' }), 'NonexistentTenant')
      await rejects(discovery.countEntities('brest', 'TideGauge'), 'NonexistentTenant')
      await rejects(discovery.countInstances('brest', 'level'), 'NonexistentTenant')
      await create(opened.store, entity(GAUGE, { level: property(1) }), { space: 'brest', createsSpace: true })
      expect((await discover(opened.store, 'brest')).typed).to.deep.equal([typedLevel])
      expect((await discover(opened.store)).typed).to.deep.equal([])
    })

    it('counts what has expired until it is swept (4.22)', async () => {
      await put(opened.store, entity(GAUGE, { expiresAt: '2026-11-22T09:00:00Z' }))
      expect((await discover(opened.store)).types).to.deep.equal({ TideGauge: 1 })
    })

    it(`agrees with a recount after random writes, refused ones among them (seed ${String(seed)})`, async function () {
      this.timeout(60_000)
      let runs = 0
      const step = fc.constantFrom<'put' | 'remove' | 'refuse'>('put', 'put', 'put', 'remove', 'refuse')
      const group = someEntities.chain((entities) =>
        fc.tuple(...entities.map((one) => fc.tuple(fc.constant(one), step))),
      )
      const random = fc.asyncProperty(fc.array(group, { minLength: 1, maxLength: 5 }), async (groups) => {
        const space = `run${String((runs += 1))}`
        const expected = new Map<string, Entity>()
        await put(opened.store, entity('urn:first'), { space, createsSpace: true })
        await remove(opened.store, 'urn:first', { space })
        for (const writes of groups) {
          await Promise.allSettled(writes.map(([one, kind]) => write(opened.store, space, { one, kind })))
          for (const [one, kind] of writes) {
            if (kind === 'put') expected.set(one.id, one)
            if (kind === 'remove') expected.delete(one.id)
          }
        }
        expect(await discover(opened.store, space)).to.deep.equal(recount([...expected.values()]))
      })
      await fc.assert(random, { seed, numRuns: 40, endOnFailure: false })
    })
  })
}

interface RandomWrite {
  readonly one: Entity
  readonly kind: 'put' | 'remove' | 'refuse'
}

function write(store: Store, space: Space, { one, kind }: RandomWrite): Promise<unknown> {
  const steps: Readonly<Record<typeof kind, Step>> = { put: () => one, remove: () => undefined, refuse }
  return store.entities.submit(changeTo(one.id, steps[kind], { space }))
}
