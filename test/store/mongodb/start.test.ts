import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { expect } from 'chai'
import { NgsiError } from '../../../src/core/errors.ts'
import { readCandidates } from '../../../src/store/mongodb/entities.ts'
import { openMongodbStore } from '../../../src/store/mongodb/open.ts'
import { asking, checkFound, entity, gauge, property, put, rejects, remove } from '../contract/fixtures.ts'
import type { TestDatabase } from './server.ts'
import { createDatabase, describeOnMongodb } from './server.ts'

interface Failed {
  readonly error: unknown
  readonly said: readonly string[]
}

/** Opens a store that cannot be had. */
async function failToOpen(url: string, startTimeout: number): Promise<Failed> {
  const said: string[] = []
  const opening = openMongodbStore({ url, broker: 'test', startTimeout, log: (message) => said.push(message) })
  const error = await opening.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return { error, said }
}

/** A server that takes connections and never answers. */
async function withMuteServer(test: (port: number) => Promise<void>): Promise<void> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await test((server.address() as AddressInfo).port)
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}

describe('the start on MongoDB', () => {
  it('says what it waits for and gives up in time, naming the place and no password', async () => {
    const begin = performance.now()
    const { error, said } = await failToOpen('mongodb://harbour:s3cret@127.0.0.1:1/tides?authSource=admin', 3_000)
    expect(performance.now() - begin).to.be.within(2_000, 8_000)
    expect(error).to.be.instanceOf(NgsiError).with.property('name', 'ServiceUnavailable')
    expect((error as Error).message).to.equal('MongoDB at mongodb://127.0.0.1:1/tides does not answer (waited 3 s)')
    expect(said).to.include('waiting for MongoDB at mongodb://127.0.0.1:1/tides')
  })

  it('gives up on a server that takes the connection and never answers', async () => {
    await withMuteServer(async (port) => {
      const { error } = await failToOpen(`mongodb://127.0.0.1:${String(port)}`, 500)
      expect(error).to.be.instanceOf(NgsiError).with.property('name', 'ServiceUnavailable')
    })
  })

  it('does not wait where the URL is wrong', async () => {
    const { error } = await failToOpen('mongodb://u:s3cret@host:notaport/tides', 60_000)
    expect((error as Error).message).to.equal(
      'MongoDB at mongodb://host:notaport/tides cannot be asked: the URL is wrong',
    )
  })
})

describeOnMongodb('the schema on MongoDB', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await createDatabase()
  })
  afterEach(() => database.drop())

  it('is refused when a newer Estran has made it', async () => {
    await database.db.collection<{ _id: string; version: number }>('meta').insertOne({ _id: 'schema', version: 99 })
    await rejects(database.open(), 'ServiceUnavailable')
  })

  it('is made once by two brokers that start together, with its indexes', async () => {
    await Promise.all([database.open('a'), database.open('b')])
    expect(await database.db.collection('meta').find().toArray()).to.deep.equal([{ _id: 'schema', version: 7 }])
    const names = (await database.collections.entities.indexes()).map(({ name }) => name)
    expect(names).to.include.members([
      'live',
      'types',
      'attributes',
      'facets',
      'values',
      'scopes',
      'cells',
      'expires',
      'pending',
    ])
  })

  it('gives entities of an older Estran what discovery counts, two brokers at once (5.7.7)', async function () {
    this.timeout(60_000)
    const store = await database.open()
    const names = Array.from({ length: 600 }, (_, index) => gauge(String(index)))
    await Promise.all(names.map((id) => put(store, entity(id, { level: property(1) }))))
    await remove(store, gauge('0'))
    await database.collections.liveEntities.updateMany({}, { $unset: { facets: '' } })
    await database.db.collection<{ _id: string }>('meta').updateOne({ _id: 'schema' }, { $set: { version: 1 } })
    const [again] = await Promise.all([database.open('a'), database.open('b')])
    expect(await again.discovery.typedAttributes({ space: '' })).to.deep.equal([
      { type: 'TideGauge', attribute: 'level', kind: 'Property' },
    ])
    const filled = { facets: '["TideGauge","level","Property"]' }
    expect(await database.collections.liveEntities.countDocuments(filled)).to.equal(names.length - 1)
  })

  it('gives them the values that q finds (4.9)', async () => {
    const store = await database.open()
    await put(store, entity(gauge('Brest'), { level: property(3.5) }))
    await put(store, entity(gauge('Roscoff'), { level: property(4.5) }))
    const path = { attribute: 'level', members: [], keys: [] }
    const filter = { kind: 'order', path, operator: '>', operand: { kind: 'value', value: 4 } } as const
    const unset = await database.collections.liveEntities.updateMany({}, { $unset: { values: '' } })
    expect(unset.modifiedCount).to.equal(2)
    await checkFound(store, filter, [])
    await database.db.collection<{ _id: string }>('meta').updateOne({ _id: 'schema' }, { $set: { version: 2 } })
    await checkFound(await database.open('again'), filter, [gauge('Roscoff')])
    expect((await readCandidates(database.collections, asking({ filter }))).ids).to.deep.equal([gauge('Roscoff')])
  })

  it('tells log records of an older Estran who was ever owed a notification (5.8.6)', async () => {
    const store = await database.open()
    const HARBOUR = 'urn:ngsi-ld:Subscription:harbour'
    const request = { space: '', subscription: HARBOUR, limit: 10 }
    await put(store, entity(gauge('Brest')), { notify: [HARBOUR] })
    await put(store, entity(gauge('Roscoff')))
    const known = await store.outbox.due(request)
    await store.outbox.settle(
      known.map(({ record: { space, entity: id, version } }) => ({
        space,
        entity: id,
        version,
        subscription: HARBOUR,
      })),
    )
    await database.collections.log.updateMany({}, { $unset: { notified: '' } })
    expect(await store.log.ofSubscription(request)).to.deep.equal([])
    await database.db.collection<{ _id: string }>('meta').updateOne({ _id: 'schema' }, { $set: { version: 3 } })
    const [again] = await Promise.all([database.open('a'), database.open('b')])
    expect(known).to.have.length(1)
    expect(await again.log.ofSubscription(request)).to.deep.equal(known)
  })
})
