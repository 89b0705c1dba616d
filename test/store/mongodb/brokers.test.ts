import { expect } from 'chai'
import type { Entity } from '../../../src/core/model/entity.ts'
import type { Store } from '../../../src/store/port.ts'
import {
  changeTo,
  create,
  entity,
  GAUGE,
  gauge,
  history,
  property,
  put,
  read,
  remove,
  versions,
} from '../contract/fixtures.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb } from './server.ts'

function levelOf(of: Entity | undefined): number {
  const level = of?.['level']
  return typeof level === 'object' && level !== null && 'value' in level ? Number(level['value']) : 0
}

/** Adds one to what is there. */
function count(store: Store): Promise<unknown> {
  return store.entities.submit(changeTo(GAUGE, (before) => entity(GAUGE, { level: property(levelOf(before) + 1) })))
}

async function times(number: number, step: () => Promise<unknown>): Promise<void> {
  for (let done = 0; done < number; done += 1) await step()
}

describeOnMongodb('two brokers on one MongoDB', () => {
  let database: TestDatabase
  let brest: Store
  let roscoff: Store
  beforeEach(async () => {
    database = await createDatabase()
    ;[brest, roscoff] = await Promise.all([database.open('brest'), database.open('roscoff')])
  })
  afterEach(() => database.drop())

  it('lose no write to one entity, and give each a version and a record of its own', async () => {
    await Promise.all([times(40, () => count(brest)), times(40, () => count(roscoff))])
    expect(levelOf(await read(brest, GAUGE))).to.equal(80)
    const found = await history(roscoff, GAUGE)
    expect(found.map(({ attributes }) => attributes[0]?.instance?.['value'])).to.deep.equal(
      Array.from({ length: 80 }, (_, index) => index + 1),
    )
    expect(new Set(await versions(brest, GAUGE)).size).to.equal(80)
  })

  it('let one of two creates of one entity win, and neither hinders its neighbours', async () => {
    const names = Array.from({ length: 20 }, (_, index) => gauge(String(index)))
    const both = (store: Store): readonly Promise<unknown>[] => names.map((id) => create(store, entity(id)))
    const outcomes = await Promise.allSettled([...both(brest), ...both(roscoff)])
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as Error] : []))
    expect(refused.map(({ name }) => name)).to.deep.equal(names.map(() => 'AlreadyExists'))
    for (const id of names) expect(await history(brest, id)).to.have.length(1)
  })

  it('never give a version twice, though one deletes and the other creates', async () => {
    await put(brest, entity(GAUGE))
    await remove(roscoff, GAUGE)
    await create(brest, entity(GAUGE))
    const found = await versions(roscoff, GAUGE)
    expect(found)
      .to.deep.equal([...new Set(found)].toSorted((a, b) => a - b))
      .with.length(3)
  })

  it('keep in the entity only what may not be in the log yet', async () => {
    await times(5, async () => {
      await count(brest)
      await count(roscoff)
    })
    const document = await database.collections.pendingHolders.findOne({ id: GAUGE })
    expect(document?.pending).to.have.length(1)
    expect(await history(brest, GAUGE)).to.have.length(10)
  })

  it('know a space that the other has created', async () => {
    await create(brest, entity(GAUGE), { space: 'finistere', createsSpace: true })
    expect(await roscoff.spaces.has('finistere')).to.equal(true)
    await put(roscoff, entity(GAUGE, { level: property(2) }), { space: 'finistere' })
    expect(levelOf(await read(brest, GAUGE, { space: 'finistere' }))).to.equal(2)
  })
})
