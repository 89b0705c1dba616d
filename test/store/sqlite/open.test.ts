import { existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import type { SqliteStore } from '../../../src/store/sqlite/open.ts'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import {
  asking,
  create,
  entity,
  GAUGE,
  gauge,
  idsOf,
  property,
  put,
  read,
  rejects,
  versions,
} from '../contract/fixtures.ts'
import { newFolder } from './support.ts'

describe('the SQLite store', () => {
  let folder: string
  let store: SqliteStore
  beforeEach(async () => {
    folder = newFolder()
    store = await openSqliteStore({ folder })
  })
  afterEach(async () => {
    await store.close()
    rmSync(folder, { recursive: true })
  })

  /** Runs SQL beside the store: the test's hand inside the database. */
  const execute = (sql: string): void => {
    const database = new DatabaseSync(join(folder, 'estran.db'))
    database.exec(sql)
    database.close()
  }

  it('makes a folder that is nobody else’s business', async () => {
    const inner = join(folder, 'a', 'b')
    await (await openSqliteStore({ folder: inner })).close()
    expect(statSync(inner).mode & 0o777).to.equal(0o700)
    expect(existsSync(join(inner, 'estran.db'))).to.equal(true)
  })

  for (const table of ['log', 'entity', 'entity_type']) {
    it(`writes nothing of a change that fails at the table ${table}, and goes on`, async () => {
      await put(store, entity(GAUGE, { level: property(1) }))
      for (const event of ['INSERT', 'UPDATE']) {
        execute(`CREATE TRIGGER on_${event} BEFORE ${event} ON ${table} BEGIN SELECT RAISE(ABORT, 'by the test'); END`)
      }
      const failing = create(store, entity(gauge('Roscoff'), { type: 'Buoy' }), {
        space: 'roscoff',
        createsSpace: true,
      })
      await rejects(failing, 'ServiceUnavailable')
      await rejects(put(store, entity(GAUGE, { type: 'Buoy' })), 'ServiceUnavailable')
      expect(await store.spaces.has('roscoff')).to.equal(false)
      expect(await read(store, GAUGE)).to.deep.equal(entity(GAUGE, { level: property(1) }))
      expect(await versions(store, GAUGE)).to.have.length(1)
      execute('DROP TRIGGER on_INSERT; DROP TRIGGER on_UPDATE')
      await create(store, entity(gauge('Roscoff'), { type: 'Buoy' }), { space: 'roscoff', createsSpace: true })
      await put(store, entity(GAUGE, { type: 'Buoy' }))
      const buoys = { kind: 'type', type: 'Buoy' } as const
      expect(await idsOf(store, { space: 'roscoff', filter: buoys })).to.deep.equal([gauge('Roscoff')])
      expect(await idsOf(store, { filter: buoys })).to.deep.equal([GAUGE])
      expect(await versions(store, GAUGE)).to.have.length(2)
    })
  }

  it('fails one change of a group alone when the database refuses it', async () => {
    execute(`CREATE TRIGGER sabotage BEFORE INSERT ON entity WHEN new.id LIKE '%Roscoff'
      BEGIN SELECT RAISE(ABORT, 'by the test'); END`)
    const outcomes = await Promise.allSettled(
      ['Brest', 'Roscoff', 'Concarneau'].map((name) => put(store, entity(gauge(name)))),
    )
    expect(outcomes.map(({ status }) => status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled'])
    expect(await idsOf(store)).to.deep.equal([gauge('Brest'), gauge('Concarneau')])
  })

  it('says ServiceUnavailable while another program keeps the database locked', async () => {
    const other = new DatabaseSync(join(folder, 'estran.db'))
    other.exec('BEGIN IMMEDIATE')
    await rejects(put(store, entity(GAUGE)), 'ServiceUnavailable')
    expect(await store.entities.count(asking())).to.equal(0)
    other.exec('ROLLBACK')
    other.close()
    await put(store, entity(GAUGE))
  })
})
