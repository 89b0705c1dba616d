import { expect } from 'chai'
import { isObject } from '../../../src/base/json.ts'
import { NgsiError } from '../../../src/core/errors.ts'
import type { Entity } from '../../../src/core/model/entity.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import type { Store } from '../../../src/store/port.ts'
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
  NOW_MICROS,
  property,
  put,
  read,
  refuse,
  rejects,
  remove,
  versions,
} from './fixtures.ts'

export function writesChapter(open: OpenStore): void {
  describe('one change', () => {
    const opened = useStore(open)

    it('keeps entity and log record as they were handed over, over a reopening', async () => {
      const next = entity(GAUGE, {
        temperature: property(12.5),
        'https://estran.example/état': property('émergé \u{1F30A} "a"'),
      })
      const { record, result } = await put(opened.store, next)
      const check = async (store: Store): Promise<void> => {
        const stored = await store.entities.get(asking(), GAUGE)
        const times = { created: '2026-11-22T09:30:00.000000Z', modified: '2026-11-22T09:30:00.000000Z' }
        expect(stored).to.deep.equal({
          id: GAUGE,
          version: result,
          text: JSON.stringify(next),
          times: JSON.stringify(times),
          expires: null,
        })
        expect(await history(store, GAUGE)).to.deep.equal([record])
      }
      await check(opened.store)
      await check(await opened.opened.reopen())
    })

    it('keeps an entity that grows far and shrinks again', async () => {
      for (const length of [10, 200_000, 20]) {
        const next = entity(GAUGE, { note: property('~'.repeat(length)) })
        await put(opened.store, next)
        expect(await read(opened.store, GAUGE)).to.deep.equal(next)
      }
    })

    it('answers with the record that was committed', async () => {
      const { record } = await put(opened.store, entity(GAUGE, { temperature: property(12.5) }))
      expect(record).to.deep.include({ space: DEFAULT_SPACE, entity: GAUGE, version: NOW_MICROS, change: 'created' })
    })

    it('hands over what is stored, and nothing when there is nothing', async () => {
      const seen: unknown[] = []
      const look = (value: number): Promise<unknown> =>
        opened.store.entities.submit(
          changeTo(GAUGE, (before) => {
            seen.push(before)
            return entity(GAUGE, { level: property(value) })
          }),
        )
      await look(1)
      await look(2)
      await remove(opened.store, GAUGE)
      await look(3)
      expect(seen).to.deep.equal([undefined, entity(GAUGE, { level: property(1) }), undefined])
    })

    it('leaves nothing when it is refused', async () => {
      await rejects(opened.store.entities.submit(changeTo(GAUGE, refuse)), 'BadRequestData')
      expect(await read(opened.store, GAUGE)).to.equal(undefined)
      expect(await history(opened.store, GAUGE)).to.deep.equal([])
    })

    it('rejects with the very error that decide threw', async () => {
      const error = new NgsiError('Conflict', 'the test says so')
      const promise = opened.store.entities.submit({
        ...{ space: DEFAULT_SPACE, id: GAUGE, micros: NOW_MICROS, createsSpace: false },
        decide: () => {
          throw error
        },
      })
      expect(await promise.catch((reason: unknown) => reason)).to.equal(error)
    })

    it('writes nothing and uses no version when nothing changes', async () => {
      await put(opened.store, entity(GAUGE))
      const committed = await opened.store.entities.submit({
        ...{ space: DEFAULT_SPACE, id: GAUGE, micros: NOW_MICROS + 10, createsSpace: false },
        decide: () => ({ result: 'as it was' }),
      })
      expect(committed).to.deep.equal({ result: 'as it was' })
      expect(await versions(opened.store, GAUGE)).to.deep.equal([NOW_MICROS])
      expect((await opened.store.entities.get(asking(), GAUGE))?.version).to.equal(NOW_MICROS)
    })
  })

  describe('changes of one turn', () => {
    const opened = useStore(open)

    it('all succeed but the refused one', async () => {
      const outcomes = await Promise.allSettled([
        put(opened.store, entity(gauge('Brest'))),
        opened.store.entities.submit(changeTo(gauge('Roscoff'), refuse)),
        put(opened.store, entity(gauge('Concarneau'))),
      ])
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
      expect(await read(opened.store, gauge('Brest'))).to.not.equal(undefined)
      expect(await read(opened.store, gauge('Roscoff'))).to.equal(undefined)
      expect(await read(opened.store, gauge('Concarneau'))).to.not.equal(undefined)
    })

    it('apply to one entity in the order of arrival, each with a version and a record of its own', async () => {
      const append = (value: number): Promise<{ result: number }> =>
        opened.store.entities.submit(
          changeTo(GAUGE, (before) => entity(GAUGE, { readings: property(`${readingsOf(before)}${String(value)}`) })),
        )
      const committed = await Promise.all([1, 2, 3, 4, 5].map(append))
      const expected = [0, 1, 2, 3, 4].map((step) => NOW_MICROS + step)
      expect(committed.map(({ result }) => result)).to.deep.equal(expected)
      expect(await versions(opened.store, GAUGE)).to.deep.equal(expected)
      expect(readingsOf(await read(opened.store, GAUGE))).to.equal('12345')
      expect(await opened.store.entities.get(asking(), GAUGE)).to.have.property('version', expected.at(-1))
    })

    it('see nothing of a refused one between them', async () => {
      const outcomes = await Promise.allSettled([
        put(opened.store, entity(GAUGE, { level: property(1) })),
        opened.store.entities.submit(changeTo(GAUGE, refuse)),
        opened.store.entities.submit(changeTo(GAUGE, (before) => before && { ...before, seen: property(true) })),
      ])
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
      expect(await read(opened.store, GAUGE)).to.deep.equal(entity(GAUGE, { level: property(1), seen: property(true) }))
      expect(await versions(opened.store, GAUGE)).to.deep.equal([NOW_MICROS, NOW_MICROS + 1])
    })

    it('create, delete and create one entity', async () => {
      const outcomes = await Promise.allSettled([
        create(opened.store, entity(GAUGE, { level: property(1) })),
        remove(opened.store, GAUGE),
        create(opened.store, entity(GAUGE, { type: 'Buoy' })),
        create(opened.store, entity(GAUGE, { level: property(3) })),
      ])
      expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'fulfilled', 'fulfilled', 'rejected'])
      expect(await read(opened.store, GAUGE)).to.deep.equal(entity(GAUGE, { type: 'Buoy' }))
      expect((await history(opened.store, GAUGE)).map(({ change }) => change)).to.deep.equal([
        'created',
        'deleted',
        'created',
      ])
    })

    it('let one of many creates of the same entity win', async () => {
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => create(opened.store, entity(GAUGE))))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1)
      expect(await versions(opened.store, GAUGE)).to.have.length(1)
    })

    it('are many, of many entities', async () => {
      const names = Array.from({ length: 300 }, (_, index) => gauge(String(index)))
      await Promise.all(names.map((id) => put(opened.store, entity(id))))
      expect(await opened.store.entities.count(asking())).to.equal(300)
    })

    it('are durable once acknowledged', async () => {
      await Promise.all(['A', 'B', 'C'].map((name) => put(opened.store, entity(gauge(name)))))
      const store = await opened.opened.reopen()
      for (const name of ['A', 'B', 'C']) {
        expect(await read(store, gauge(name))).to.deep.equal(entity(gauge(name)))
        expect(await versions(store, gauge(name))).to.have.length(1)
      }
    })
  })

  describe('versions of one entity', () => {
    const opened = useStore(open)

    it('are the microseconds of the request', async () => {
      expect((await put(opened.store, entity(GAUGE), { micros: NOW_MICROS })).result).to.equal(NOW_MICROS)
      expect((await put(opened.store, entity(GAUGE), { micros: NOW_MICROS + 50 })).result).to.equal(NOW_MICROS + 50)
    })

    it('rise though the clock stands still or goes back', async () => {
      await put(opened.store, entity(GAUGE))
      expect((await put(opened.store, entity(GAUGE))).result).to.equal(NOW_MICROS + 1)
      expect((await put(opened.store, entity(GAUGE), { micros: NOW_MICROS - 1000 })).result).to.equal(NOW_MICROS + 2)
    })

    it('never repeat over deletion, reopening and re-creation', async () => {
      await put(opened.store, entity(GAUGE))
      await remove(opened.store, GAUGE)
      const store = await opened.opened.reopen()
      const { result } = await create(store, entity(GAUGE), { micros: NOW_MICROS - 1000 })
      expect(result).to.equal(NOW_MICROS + 2)
      expect(await versions(store, GAUGE)).to.deep.equal([NOW_MICROS, NOW_MICROS + 1, NOW_MICROS + 2])
    })
  })
}

function readingsOf(of: Entity | undefined): string {
  const readings = of?.['readings']
  return isObject(readings) && typeof readings['value'] === 'string' ? readings['value'] : ''
}
