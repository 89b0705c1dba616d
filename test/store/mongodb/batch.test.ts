/** Batches as long as the default limit of a body must let through; those on SQLite are in ../sqlite/batch.test.ts. */
import { expect } from 'chai'
import { startBroker } from '../../../src/broker.ts'
import { loadConfig } from '../../../src/config.ts'
import type { Json, JsonObject } from '../../../src/base/json.ts'
import { API, ENTITIES, gauge, gaugeId, property } from '../../http/support.ts'
import { eventually } from './eventually.ts'
import type { Proxy } from './proxy.ts'
import { startProxy } from './proxy.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb, serverUrl } from './server.ts'

const ITEMS = 10_000

/** Milliseconds for one batch: on two cores with the stand-in, 1,500 to 5,000 were measured beside other work, 30,000 beside much. */
const PATIENCE = 120_000

/** A broker on a database, by the common way or another one. */
function startOn({ name }: TestDatabase, at = serverUrl()): ReturnType<typeof startBroker> {
  // Not the class URL: it refuses the lists of hosts that replica sets have.
  const url = at.replace(/^(\w[\w+]*:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${name}`)
  const flags = { store: 'mongodb', 'mongodb-url': url, port: '0', 'log-level': 'silent' }
  return startBroker(loadConfig({ flags, env: {}, cwd: process.cwd() }))
}

function postTo(url: string, body: Json): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
}

describeOnMongodb('a batch on MongoDB (5.6.7, 5.6.8, 5.6.9, 5.6.10, 5.6.20)', () => {
  const names = Array.from({ length: ITEMS }, (_, index) => `Item${String(index)}`)
  let database: TestDatabase
  let broker: Awaited<ReturnType<typeof startBroker>>
  before(async () => {
    database = await createDatabase()
    // mongo-java-server looks for a replacement's document in an index only when one has exactly the fields of the filter, and is
    // unique. MongoDB takes the index of `_id`, and needs no other.
    await database.db.createIndex('entities', { _id: 1, version: 1 }, { unique: true })
    broker = await startOn(database)
  })
  after(async () => {
    await broker.stop()
    await database.drop()
  })

  const post = (path: string, body: Json): Promise<Response> => postTo(`${broker.url}${path}`, body)

  const batch = (operation: string, items: Json): Promise<Response> =>
    post(`${API}/entityOperations/${operation}`, items)

  const levelOf = async (name: string): Promise<unknown> => {
    const found = await fetch(`${broker.url}${ENTITIES}/${gaugeId(name)}?options=simplified`)
    return ((await found.json()) as JsonObject)['level']
  }

  const checkCount = async (q: string, count: number): Promise<void> => {
    const found = await fetch(`${broker.url}${ENTITIES}?type=TideGauge&limit=0&count=true&q=${encodeURIComponent(q)}`)
    expect(found.headers.get('ngsild-results-count')).to.equal(String(count))
  }

  const items = (members: Readonly<Record<string, Json>>): Json => names.map((name) => gauge(name, members))
  const batches: readonly (readonly [operation: string, items: Json, status: number, q: string])[] = [
    ['create', items({ level: property(1) }), 201, 'level==1'],
    ['upsert', items({ level: property(2) }), 204, 'level==2'],
    ['update', items({ trend: property('rising') }), 204, 'trend=="rising"'],
  ]

  for (const [operation, body, status, q] of batches) {
    it(`of ${String(ITEMS)} goes through: ${operation}`, async () => {
      const response = await batch(operation, body)
      expect(response.status, await response.text()).to.equal(status)
      await checkCount(q, ITEMS)
    }).timeout(PATIENCE)
  }

  it(`of ${String(ITEMS)} goes through, and lets single writes pass: merge`, async () => {
    const merged = names.map((name) => ({ id: gaugeId(name), level: 3 }))
    const answer = batch('merge', [...merged, { id: gaugeId('Absent'), level: 3 }])
    await eventually('the first is merged', async () => (await levelOf('Item0')) === 3, PATIENCE)
    // One is to the last entity of the batch: it comes after the merge, and takes that along.
    const singles = await Promise.all([
      post(ENTITIES, gauge('Single', { level: property(3) })),
      post(`${ENTITIES}/${gaugeId(`Item${String(ITEMS - 1)}`)}/attrs`, { level: property(4) }),
    ])
    expect(singles.map(({ status }) => status)).to.deep.equal([201, 204])
    expect(await levelOf(`Item${String(ITEMS - 2)}`), 'the batch is not at its end').to.equal(2)
    const response = await answer
    expect(response.status).to.equal(207)
    const result = (await response.json()) as { success: string[]; errors: { entityId: string }[] }
    expect(result.success).to.deep.equal(names.map(gaugeId))
    expect(result.errors.map(({ entityId }) => entityId)).to.deep.equal([gaugeId('Absent')])
    await checkCount('level==3', ITEMS)
    await checkCount('level==4', 1)
  }).timeout(PATIENCE)

  it(`of ${String(ITEMS)} goes through: delete`, async () => {
    expect((await batch('delete', names.map(gaugeId))).status).to.equal(204)
    await checkCount('level', 1)
  }).timeout(PATIENCE)
})

describeOnMongodb('a batch while the database is in trouble (5.2.16)', () => {
  let database: TestDatabase
  let proxy: Proxy
  let broker: Awaited<ReturnType<typeof startBroker>>
  beforeEach(async () => {
    database = await createDatabase()
    proxy = await startProxy()
    broker = await startOn(database, proxy.url)
    expect((await postTo(`${broker.url}${ENTITIES}`, gauge('Old', { level: 1 }))).status).to.equal(201)
  })
  afterEach(async () => {
    proxy.fail()
    await broker.stop()
    await database.drop()
    await proxy.close()
  })

  const upsert = (...names: readonly string[]): Promise<Response> =>
    postTo(
      `${broker.url}${API}/entityOperations/upsert`,
      names.map((name) => gauge(name, { level: 2 })),
    )

  it('says of each item what is known of it', async () => {
    // What is new is inserted before the others are replaced.
    proxy.fail('update', 'entities')
    const response = await upsert('Old', 'New')
    expect(response.status).to.equal(207)
    const result = (await response.json()) as { success: string[]; errors: { entityId: string; error: JsonObject }[] }
    expect(result.success).to.deep.equal([gaugeId('New')])
    expect(result.errors.map(({ entityId }) => entityId)).to.deep.equal([gaugeId('Old')])
    expect(result.errors[0]?.error['detail']).to.contain('not known')
  })

  it('says so where only the log lacks what is written', async () => {
    proxy.fail('insert', 'log')
    const response = await upsert('Old')
    expect(response.status).to.equal(503)
    expect(((await response.json()) as JsonObject)['detail']).to.contain('in place')
  })

  it('is a 503 as a whole when the same is to be said of all', async () => {
    proxy.fail('update', 'entities')
    const response = await upsert('Old', 'Old')
    expect(response.status).to.equal(503)
    expect(((await response.json()) as JsonObject)['detail']).to.contain('not known')
  })
})
