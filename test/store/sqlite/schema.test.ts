import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'chai'
import { openSqliteStore } from '../../../src/store/sqlite/open.ts'
import { migrate, migrations } from '../../../src/store/sqlite/schema.ts'
import { DEFAULT_SPACE } from '../../../src/core/model/space.ts'
import { GAUGE, NOW } from '../contract/fixtures.ts'
import { newFolder } from './support.ts'

function versionOf(database: DatabaseSync): unknown {
  return database.prepare('PRAGMA user_version').get()?.['user_version']
}

function tablesOf(database: DatabaseSync): readonly unknown[] {
  return database
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    .all()
    .map(({ name }) => name)
}

describe('the schema', () => {
  it('goes forward step by step, each step once', () => {
    const database = new DatabaseSync(':memory:')
    migrate(database, ['CREATE TABLE tide (level)'])
    migrate(database, ['CREATE TABLE tide (level)', 'CREATE TABLE surge (level)'])
    migrate(database, ['CREATE TABLE tide (level)', 'CREATE TABLE surge (level)'])
    expect(versionOf(database)).to.equal(2)
    expect(tablesOf(database)).to.deep.equal(['surge', 'tide'])
  })

  it('keeps nothing of a step that fails', () => {
    const database = new DatabaseSync(':memory:')
    expect(() => {
      migrate(database, ['CREATE TABLE tide (level)', 'CREATE TABLE surge (level); CREATE TABLE tide (again)'])
    }).to.throw('tide')
    expect(versionOf(database)).to.equal(1)
    expect(tablesOf(database)).to.deep.equal(['tide'])
  })

  it('of a newer Estran is refused, and the folder is let go', async () => {
    const folder = newFolder()
    try {
      await (await openSqliteStore({ folder })).close()
      setVersion(folder, migrations.length + 1)
      const refused = await openSqliteStore({ folder }).catch(String)
      expect(refused).to.include(`schema version ${String(migrations.length + 1)}`)
      setVersion(folder, migrations.length)
      await (await openSqliteStore({ folder })).close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('has the spatial index from the start', async () => {
    const folder = newFolder()
    try {
      await (await openSqliteStore({ folder })).close()
      const database = new DatabaseSync(join(folder, 'estran.db'))
      expect(tablesOf(database)).to.include('geo')
      database.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('of an older Estran learns who was ever notified, from the log (5.8.6)', async () => {
    const folder = newFolder()
    const HARBOUR = 'urn:ngsi-ld:Subscription:harbour'
    const recordOf = (version: number, members: object): string =>
      JSON.stringify({ space: 'brest', entity: GAUGE, version, time: NOW, ...members })
    const owing = recordOf(1, { due: { notifications: [{ subscription: HARBOUR, notification: 'urn:tide' }] } })
    try {
      const database = new DatabaseSync(join(folder, 'estran.db'))
      migrate(database, migrations.slice(0, 3))
      database.exec("INSERT INTO space (num, name) VALUES (2, 'brest')")
      const insert = database.prepare('INSERT INTO log (entity, version, record) VALUES (7, ?, ?)')
      for (const [version, record] of [owing, recordOf(2, {})].entries()) insert.run(version, record)
      database.close()
      const store = await openSqliteStore({ folder })
      const request = { subscription: HARBOUR, limit: 10 }
      const [known, ...more] = await store.log.ofSubscription({ space: 'brest', since: NOW, ...request })
      expect(known).to.deep.include({ notification: 'urn:tide', record: JSON.parse(owing) as unknown })
      expect(more).to.deep.equal([])
      expect(await store.log.ofSubscription({ space: DEFAULT_SPACE, ...request })).to.deep.equal([])
      await store.close()
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})

function setVersion(folder: string, version: number): void {
  const database = new DatabaseSync(join(folder, 'estran.db'))
  database.exec(`PRAGMA user_version = ${String(version)}`)
  database.close()
}
