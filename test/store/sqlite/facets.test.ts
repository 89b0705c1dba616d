import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import fc from 'fast-check'
import type { Entity } from '../../../src/core/model/entity.ts'
import type { Participant } from '../../../src/store/sqlite/commit-queue.ts'
import { connect } from '../../../src/store/sqlite/connection.ts'
import { createEntityImages } from '../../../src/store/sqlite/entity-images.ts'
import { createEntityWrites } from '../../../src/store/sqlite/entity-writes.ts'
import { createFacetCounters } from '../../../src/store/sqlite/facets.ts'
import { createNames } from '../../../src/store/sqlite/names.ts'
import { migrate, migrations } from '../../../src/store/sqlite/schema.ts'
import { entities as someEntities } from '../contract/arbitraries.ts'
import type { Step } from '../contract/fixtures.ts'
import { changeTo, entity, gauge, property } from '../contract/fixtures.ts'

interface Writer {
  readonly database: DatabaseSync
  /** One group: what each entity becomes, and how the group ends. */
  readonly group: (changes: readonly (readonly [id: string, step: Step])[], end?: 'COMMIT' | 'ROLLBACK') => void
}

/** The write side on a database in memory; on the same one again it is as after a new start. */
function openWriter(database = new DatabaseSync(':memory:')): Writer {
  migrate(database)
  const connection = connect(database)
  const [spaces, types] = [createNames(connection, 'space'), createNames(connection, 'type')]
  const facets = createFacetCounters(connection, types)
  const writes = createEntityWrites({ connection, spaces, types, images: createEntityImages(connection), facets })
  const participants: readonly Participant[] = [writes, facets, spaces, types]
  return {
    database,
    group(changes, end = 'COMMIT') {
      database.exec('BEGIN')
      for (const [id, step] of changes) writes.apply(changeTo(id, step))
      for (const participant of participants) participant.beforeCommit()
      database.exec(end)
      for (const participant of participants) participant.afterGroup(end === 'COMMIT')
    },
  }
}

function rowsOf(database: DatabaseSync): readonly unknown[] {
  return database.prepare('SELECT * FROM facet').all()
}

/** The counters as the migration makes them of the entities that are there. */
function recounted(database: DatabaseSync): readonly unknown[] {
  const migration = migrations.find((sql) => sql.includes('CREATE TABLE facet')) ?? ''
  database.exec(`BEGIN; DROP TABLE facet; ${migration}`)
  const rows = rowsOf(database)
  database.exec('ROLLBACK')
  return rows
}

const to =
  (next: Entity | undefined): Step =>
  () =>
    next

describe('the counters of discovery', () => {
  it('are filled by the migration of an older database (5.7.7)', () => {
    const { database, group } = openWriter()
    const level = [property(1), property(2, { datasetId: 'urn:2' })] as Entity['level']
    group([
      ['urn:a', to({ id: 'urn:a', type: ['Buoy', 'TideGauge'], scope: '/Brest', level })],
      ['urn:b', to(entity('urn:b', { expiresAt: '2027-01-01T00:00:00Z', 'a"b\\c': property(1) }))],
      ['urn:c', to(entity('urn:c'))],
    ])
    group([['urn:c', to(undefined)]])
    expect(recounted(database)).to.deep.equal(rowsOf(database)).and.to.have.length(5)
  })

  it('agree with a recount after random groups, rolled back ones and new starts among them', () => {
    const removed = fc.tuple(someEntities, fc.boolean()).map(([entities, all]) => (all ? entities : entities.slice(1)))
    const groups = fc.array(fc.tuple(someEntities, removed, fc.nat(4)), { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(groups, (all) => {
        let writer = openWriter()
        for (const [entities, gone, luck] of all) {
          const changes = [
            ...entities.map((one) => [one.id, to(one)] as const),
            ...gone.map(({ id }) => [id, to(undefined)] as const),
          ]
          writer.group(changes, luck === 0 ? 'ROLLBACK' : 'COMMIT')
          if (luck === 1) writer = openWriter(writer.database)
        }
        expect(rowsOf(writer.database)).to.deep.equal(recounted(writer.database))
        writer.database.close()
      }),
      { numRuns: 100 },
    )
  })

  it('leave no row when nothing is left to count', () => {
    const { database, group } = openWriter()
    const names = ['Brest', 'Roscoff']
    group(names.map((name) => [gauge(name), to(entity(gauge(name), { level: property(1) }))]))
    expect(rowsOf(database)).to.have.length(2)
    group(names.map((name) => [gauge(name), to(undefined)]))
    expect(rowsOf(database)).to.deep.equal([])
  })

  it('are not written by a group that changes neither types nor attributes nor kinds', () => {
    const { database, group } = openWriter()
    const id = gauge('Brest')
    group([[id, to(entity(id, { level: property(1) }))]])
    database.exec("CREATE TRIGGER no_update BEFORE UPDATE ON facet BEGIN SELECT raise(ABORT, 'written'); END")
    group([[id, to(entity(id, { level: property(2) }))]])
    expect(() => {
      group([[gauge('Roscoff'), to(entity(gauge('Roscoff'), { level: property(1) }))]])
    }).to.throw('written')
  })
})
