import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { createEntityImages } from '../../../src/store/sqlite/entity-images.ts'
import { createEntityWrites } from '../../../src/store/sqlite/entity-writes.ts'
import { createFacetCounters } from '../../../src/store/sqlite/facets.ts'
import { createNames } from '../../../src/store/sqlite/names.ts'
import { migrate } from '../../../src/store/sqlite/schema.ts'
import { changeTo, entity, GAUGE, NOW_MICROS } from '../contract/fixtures.ts'

describe('a group of entity writes', () => {
  it('leaves nothing in memory when its commit fails at the very end', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database)
    const connection = connect(database)
    const images = createEntityImages(connection)
    const [spaces, types] = [createNames(connection, 'space'), createNames(connection, 'type')]
    const facets = createFacetCounters(connection, types)
    const writes = createEntityWrites({ connection, spaces, types, images, facets })
    const group = (end: 'COMMIT' | 'ROLLBACK'): number => {
      database.exec('BEGIN')
      const { result } = writes.apply(changeTo(GAUGE, () => entity(GAUGE)))
      writes.beforeCommit()
      facets.beforeCommit()
      database.exec(end)
      for (const participant of [writes, facets, spaces, types]) participant.afterGroup(end === 'COMMIT')
      return result
    }
    expect(group('ROLLBACK')).to.equal(NOW_MICROS)
    expect(images.find(1, GAUGE)).to.equal(undefined)
    expect(group('COMMIT')).to.equal(NOW_MICROS)
    expect(images.find(1, GAUGE)).to.deep.include({ num: 1, version: NOW_MICROS })
    expect(group('ROLLBACK')).to.equal(NOW_MICROS + 1)
    expect(images.find(1, GAUGE)).to.deep.include({ num: 1, version: NOW_MICROS })
    database.close()
  })
})
