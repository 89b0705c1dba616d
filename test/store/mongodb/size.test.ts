import { expect } from 'chai'
import { entity, GAUGE, gauge, property, put, read, rejects } from '../contract/fixtures.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb } from './server.ts'

describeOnMongodb('an entity that MongoDB cannot keep', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(() => database.drop())

  it('is refused alone, before or behind others of the same turn', async () => {
    const store = await database.open()
    const large = entity(GAUGE, { text: property('é'.repeat(3_500_000)) })
    const writes = [
      put(store, entity(gauge('Roscoff'))),
      put(store, entity(GAUGE)),
      rejects(put(store, large), 'PayloadTooLarge'),
    ]
    await Promise.all([...writes, put(store, entity(gauge('Camaret')))])
    expect(await read(store, GAUGE)).to.deep.equal(entity(GAUGE))
    for (const name of ['Roscoff', 'Camaret']) expect(await read(store, gauge(name))).to.not.equal(undefined)
  })
})
